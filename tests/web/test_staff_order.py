"""What staff do with an order: pick, hand over, cancel, refund; in HTML and JSON, within their rights and on record."""

import asyncio

import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.ids import new_id
from kalecart.payments.tables import ledger_entry
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.till import Till
from tests.web.page import Browser, Form, Page
from tests.web.shop import PASSWORD, Answer, Shop
from tests.web.works import work
from web.api.operation import declared_by
from web.routes import API

STAFF = "orders@example.com"
TOTAL = 4 * 349 + 2 * 799 + 499 + 156


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    newcomer = NewStaff(name="Sam Staff", email=STAFF, password=PASSWORD, role=Role.ORDERS)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _paid(browser: Browser) -> str:
    """A paid order of four kale and two soap; the path of its page. Staff are at the console."""
    card = await browser.shop.ready_to_order()
    placed = await browser.shop.order(payment_method_id=card)
    assert placed.body["total_cents"] == TOTAL
    await work(browser.shop)
    form = (await browser.open("/staff/orders")).form("/staff/log-in")
    await browser.send(form, email=STAFF, password=PASSWORD)
    return f"/orders/{placed.body['id']}"


async def _refund(browser: Browser, order: str, **body: object) -> Answer:
    asked = {"refund_id": str(new_id()), "reason": "quality"} | body
    return await browser.shop.ask("POST", f"/api/v1/staff{order}/refunds", json=asked)


async def _ledger(shop: Shop) -> list[int]:
    async with shop.db.transaction() as tx:
        return sorted((await tx.execute(sa.select(ledger_entry.c.amount_cents))).scalars())


async def _on_record(shop: Shop) -> list[str]:
    async with shop.db.transaction() as tx:
        acts = sa.select(audit_entry.c.act).where(audit_entry.c.subject_kind == "order").order_by(audit_entry.c.id)
        return list((await tx.execute(acts)).scalars())


def _form(page: Page, order: str, act: str) -> Form:
    return page.form(f"/staff{order}/{act}")


async def test_a_line_is_refunded_from_the_console_and_pressing_twice_is_one_refund(browser: Browser) -> None:
    """E38: the customer reads which line, how many, and with which share of the tax."""
    order = await _paid(browser)
    form = _form(await browser.open(f"/staff{order}"), order, "refunds")
    asked = {"what": "lines", "units:soap": "1", "reason": "missing"}

    await asyncio.gather(browser.send(form, **asked), browser.send(form, **asked))
    await work(browser.shop)

    after = await browser.open(f"/staff{order}")
    assert await _ledger(browser.shop) == [-877, TOTAL]
    assert await _on_record(browser.shop) == ["refund_asked"]
    assert "1 of 2 left" in after.text
    told = await browser.open(order)
    assert "Money back $8.77 : something you ordered was missing 1 × Soap $8.77" in told.text


async def test_what_cannot_be_refunded_is_said_beside_the_form_and_keeps_what_was_typed(browser: Browser) -> None:
    order = await _paid(browser)
    form = _form(await browser.open(f"/staff{order}"), order, "refunds")

    much = await browser.send(form, what="amount", amount="99.00", reason="goodwill")
    lines = await browser.send(form, what="lines", reason="missing", **{"units:soap": "3"})
    unsaid = await browser.send(form, what="amount", amount="some", reason="")

    assert much.status == lines.status == unsaid.status == 422
    assert f"${TOTAL / 100:.2f} of this order can be refunded" in much.text
    assert _form(much, order, "refunds").fields["amount"] == "99.00"
    assert "Between 1 and 2 of these can be refunded" in lines.text
    assert "such as 3.49" in unsaid.text
    assert "Choose a reason" in unsaid.text
    assert await _on_record(browser.shop) == []


async def test_two_members_of_staff_refund_the_same_order_at_once_over_the_api(browser: Browser) -> None:
    """E34: one is taken, the other told that nothing remains."""
    order = await _paid(browser)

    answers = await asyncio.gather(*(_refund(browser, order, whole=True) for _ in range(2)))
    await work(browser.shop)

    assert sorted(answer.status for answer in answers) == [202, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert (refused.problem, refused.body["remaining_cents"]) == ("nothing-to-refund", 0)
    assert await _ledger(browser.shop) == [-TOTAL, TOTAL]


async def test_a_refund_names_what_remains_when_it_is_refused(browser: Browser) -> None:
    order = await _paid(browser)

    taken = await _refund(browser, order, amount_cents=1_000)
    much = await _refund(browser, order, amount_cents=TOTAL)
    foreign = await _refund(browser, order, amount_cents=100, currency="eur")
    both = await _refund(browser, order, amount_cents=100, whole=True)
    neither = await _refund(browser, order)

    assert (taken.status, taken.body["remaining_cents"]) == (202, TOTAL - 1_000)
    assert (much.status, much.problem, much.body["remaining_cents"]) == (422, "too-much", TOTAL - 1_000)
    assert (foreign.status, foreign.problem, foreign.body["remaining_cents"]) == (422, "other-currency", TOTAL - 1_000)
    assert (both.status, both.problem) == (neither.status, neither.problem) == (422, "malformed")


async def test_a_refund_id_that_is_taken_is_answered_with_what_is_on_record(browser: Browser) -> None:
    order, refund_id = await _paid(browser), str(new_id())
    await _refund(browser, order, refund_id=refund_id, amount_cents=300)

    again = await _refund(browser, order, refund_id=refund_id, amount_cents=300)
    other = await _refund(browser, order, refund_id=refund_id, amount_cents=400)
    unknown = await _refund(browser, order, reason="dashboard", amount_cents=1)

    assert (again.status, other.status, other.problem) == (202, 409, "refund-id-taken")
    assert (other.body["on_record"]["amount_cents"], other.body["on_record"]["reason"]) == (300, "quality")
    assert (unknown.status, unknown.wrong) == (422, {"/reason"})


async def test_an_order_goes_through_the_hands_of_staff_and_its_customer_sees_it(browser: Browser) -> None:
    order = await _paid(browser)

    picking = await browser.send(_form(await browser.open(f"/staff{order}"), order, "picking"))
    seen = await browser.open(order)
    late = await browser.shop.ask("POST", f"/api/v1/staff{order}/cancel")
    again = await browser.shop.ask("POST", f"/api/v1/staff{order}/picking")
    await browser.send(_form(picking, order, "fulfilled"))

    assert "Picking began" in picking.text
    assert "We are picking your groceries" in seen.text
    assert (late.status, late.problem) == (409, "too-late-to-cancel")
    assert (again.status, again.problem) == (409, "order-moved-on")
    assert 'data-state="delivered"' in (await browser.open(order)).html
    assert await _on_record(browser.shop) == ["order_picking", "order_fulfilled"]


async def test_staff_cancel_an_order_on_record_and_its_money_goes_back(browser: Browser) -> None:
    order = await _paid(browser)

    gone = await browser.send(_form(await browser.open(f"/staff{order}"), order, "cancel"))
    await work(browser.shop)

    assert "Cancelled by staff" in gone.text
    assert "The shop cancelled it" in (await browser.open(order)).text
    assert await _ledger(browser.shop) == [-TOTAL, TOTAL]
    assert await _on_record(browser.shop) == ["order_cancelled"]


async def test_a_delivery_that_failed_asks_the_customer_whether_address_and_phone_are_still_right(
    browser: Browser,
) -> None:
    """C7: twice pressed is one try; the order stays on its way and is delivered later."""
    order = await _paid(browser)
    path = f"/api/v1/staff{order}/undelivered"
    early = await browser.shop.ask("POST", path, json={"why": "nobody_home"})
    page = await browser.send(_form(await browser.open(f"/staff{order}"), order, "picking"))

    unsaid = await browser.send(_form(page, order, "undelivered"), why="rain")
    failed = await browser.send(_form(page, order, "undelivered"), why="wrong_address")
    again = await browser.shop.ask("POST", path, json={"why": "wrong_address"})
    await work(browser.shop)
    asked, seen = await browser.open("/account"), await browser.open(order)
    await browser.send(_form(failed, order, "fulfilled"))

    assert (early.status, early.problem, again.status) == (409, "order-moved-on", 200)
    assert (unsaid.status, "Choose what the driver met" in unsaid.text) == (422, True)
    assert [event["kind"] for event in again.body["events"]].count("undelivered") == 1
    assert "your address or phone number may have changed" in asked.text
    assert "We could not deliver: the address was not right" in seen.text
    assert await _on_record(browser.shop) == ["order_picking", "order_undelivered", "order_fulfilled"]
    async with browser.shop.db.transaction() as tx:
        letters = await tx.scalars(sa.text("SELECT count(*) FROM mail WHERE kind = 'still_right'"))
        assert letters.one() == 1


def test_every_act_on_an_order_names_the_right_it_takes() -> None:
    """A role without it is answered 403, on record, before the act is called."""
    found = {
        route.path.rpartition("/")[2]: declared_by(route.handler) for route in API if "/staff/orders/{" in route.path
    }

    assert {act: declared.right for act, declared in found.items() if declared and act != "{order_id}"} == {
        "picking": "orders:act",
        "fulfilled": "orders:act",
        "undelivered": "orders:act",
        "cancel": "refunds:make",
        "refunds": "refunds:make",
    }


async def test_open_payments_are_listed_and_stripe_is_asked_on_record(browser: Browser) -> None:
    card = await browser.shop.ready_to_order()
    other = (await browser.shop.save_card("pm_card_authenticationRequired")).body["id"]
    assert card != other
    placed = await browser.shop.order(payment_method_id=other)
    await work(browser.shop)
    form = (await browser.open("/staff/orders")).form("/staff/log-in")
    await browser.send(form, email=STAFF, password=PASSWORD)

    listed = await browser.open("/staff/payments")
    asked = await browser.send(listed.form(f"/staff/payments/{placed.body['id']}/ask"))
    await work(browser.shop)
    after = await browser.open("/staff/payments")

    assert f"{placed.body['number']} Ask now action needed" in listed.text
    assert "not yet" in listed.text
    assert f"Stripe is being asked about order {placed.body['number']}" in asked.text
    assert "not yet" not in after.text
    assert await _on_record(browser.shop) == ["payment_checked"]


async def test_what_stripe_told_us_is_found_by_order_type_and_outcome_and_the_unsettled_stand_first(
    browser: Browser,
) -> None:
    order = await _paid(browser)
    shop = browser.shop
    till = Till(shop.runtime, shop.client.server)  # only to sign events
    async with shop.db.transaction() as tx:
        ours = (await tx.execute(sa.text("SELECT stripe_id FROM payment_intent"))).scalar_one()
    for number, about in enumerate((ours, "pi_of_somebody_else")):
        event = {"id": f"evt_{number}", "object": "event", "livemode": False, "type": "payment_intent.succeeded"}
        await till.hears(event | {"data": {"object": {"id": about}}})

    every = await browser.open("/staff/webhooks")
    by_order = await browser.open(f"/staff/webhooks?q={order.removeprefix('/orders/')}")

    assert every.text.index("evt_1") < every.text.index("evt_0"), "what waits stands first"
    assert "Not in the books yet" in every.text
    assert "evt_0" in by_order.text
    assert "evt_1" not in by_order.text
    assert "already paid" in (await browser.open("/staff/webhooks?outcome=already_paid&type=payment_intent")).text
    assert "No event matches" in (await browser.open("/staff/webhooks?type=refund.&before=x&outcome=paid")).text
