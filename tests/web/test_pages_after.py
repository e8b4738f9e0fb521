"""After an order is placed, on its page: the bank's question, cancelling, money that comes back, a dispute."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from kalecart.ids import new_id
from kalecart.orders.tables import customer_order, order_event
from kalecart.payments.tables import ledger_entry
from kalecart.tasks import task
from tests.till import SECRET_KEY, Till
from tests.web.page import Browser, Page
from tests.web.shop import Shop
from tests.web.works import work
from web.edge import IN_FLIGHT_MAX
from web.keys import EDGE

ASKS = "pm_card_authenticationRequired"
TOTAL = 6 * 349 + 499


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


async def _placed(browser: Browser, card: str = "pm_card_visa") -> Page:
    await browser.press(await browser.open("/"), "kale:6")
    checkout = await browser.signed_up()
    page = await browser.send(checkout.form("/checkout"), card="new", stripe_payment_method=card)
    await work(browser.shop)
    return await browser.open(page.path)


async def _banks_address(browser: Browser, order: str) -> str:
    confirm = browser.shop.client.get(f"{order}/confirm", allow_redirects=False)
    async with confirm as answer:
        assert answer.status == 303
        return answer.headers["Location"]


async def _at_the_bank(browser: Browser, order: str, outcome: str = "complete") -> str:
    """Follow the link and answer the bank; the address it sends the browser back to."""
    address = await _banks_address(browser, order)
    base, _, query = address.partition("/v3/authenticate.html?")
    form = dict(pair.split("=") for pair in query.split("&")) | {"outcome": outcome}
    async with (
        ClientSession() as session,
        session.post(f"{base}/v3/authenticate", data=form, allow_redirects=False) as answer,
    ):
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"].removeprefix("http://shop.test")


async def _ledger(browser: Browser) -> list[tuple[str, int]]:
    async with browser.shop.db.transaction() as tx:
        rows = await tx.execute(sa.select(ledger_entry.c.kind, ledger_entry.c.amount_cents).order_by(ledger_entry.c.id))
        return [(row.kind, row.amount_cents) for row in rows]


async def _asked(browser: Browser) -> int:
    async with browser.shop.db.transaction() as tx:
        return await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == "check_payment"))


async def _told(browser: Browser) -> list[str]:
    async with browser.shop.db.transaction() as tx:
        return list((await tx.execute(sa.select(order_event.c.kind).order_by(order_event.c.at))).scalars())


async def test_a_bank_that_asks_is_answered_by_a_link_and_the_order_is_paid(browser: Browser) -> None:
    page = await _placed(browser, ASKS)
    assert "Your bank wants you to confirm this payment" in page.text
    assert "Or pay with another card" in page.text
    assert f"{page.path}/confirm" in page.html

    back = await _at_the_bank(browser, page.path)
    assert "client_secret" in back
    waiting = await browser.open(back)
    await work(browser.shop)
    paid = await browser.open(page.path)

    assert waiting.path == f"{page.path}?returned"
    assert "We are asking your bank how it went" in waiting.text
    assert 'data-state="paid"' in paid.html
    assert "Your bank asked for your confirmation" in paid.text
    assert await _ledger(browser) == [("charge", TOTAL)]


async def test_whoever_waits_for_their_bank_to_answer_takes_no_place_from_others(browser: Browser) -> None:
    shop, page = browser.shop, await _placed(browser, ASKS)
    back = await _at_the_bank(browser, page.path)
    shop.client.server.app[EDGE].in_flight = IN_FLIGHT_MAX - 1
    waiting, others = asyncio.create_task(browser.open(back)), 503
    async with asyncio.timeout(120):
        while not await _asked(browser):  # noqa: ASYNC110  # a bounded wait for the browser to have come back
            await asyncio.sleep(0.01)

    while others != 200 and not waiting.done():
        others = (await shop.get("/healthz")).status

    assert (others, waiting.done()) == (200, False)
    shop.client.server.app[EDGE].in_flight -= IN_FLIGHT_MAX - 1
    await waiting


async def test_the_3_d_secure_return_page_and_the_webhook_arrive_together_and_complete_once(browser: Browser) -> None:
    """E25."""
    page = await _placed(browser, ASKS)
    back = await _at_the_bank(browser, page.path)
    shop = browser.shop
    till = Till(shop.runtime, shop.client.server)  # only to sign an event
    event = {
        "id": "evt_return",
        "object": "event",
        "livemode": False,
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": await _stripe_id(browser)}},
    }

    async def workers() -> None:
        await till.hears(event)
        for _ in range(20):
            await work(shop, rounds=1)
            await asyncio.sleep(0.05)  # a bounded poll: the page promises its question meanwhile

    returned, *_ = await asyncio.gather(browser.open(back), workers(), workers())

    await work(shop)  # what the page promised after the last look of the workers
    paid = await browser.open(page.path)  # the page that waited says so where they were quick enough for its patience
    assert (returned.path, 'data-state="paid"' in paid.html) == (f"{page.path}?returned", True)
    assert await _ledger(browser) == [("charge", TOTAL)]
    assert (await _told(browser)).count("paid") == 1


async def _stripe_id(browser: Browser) -> str:
    async with browser.shop.db.transaction() as tx:
        return (await tx.execute(sa.text("SELECT stripe_id FROM payment_intent"))).scalar_one()


async def test_who_walks_away_from_the_bank_finds_the_question_and_both_ways_on(browser: Browser) -> None:
    page = await _placed(browser, ASKS)
    await _banks_address(browser, page.path)

    again = await browser.open(page.path)
    other = await browser.send(
        again.form(f"{page.path}/payment"), card="new", stripe_payment_method="pm_card_mastercard"
    )
    await work(browser.shop)

    assert "Your bank wants you to confirm this payment" in again.text
    assert other.status == 200
    assert 'data-state="paid"' in (await browser.open(page.path)).html
    assert await _ledger(browser) == [("charge", TOTAL)]


async def test_nobody_confirms_or_cancels_the_order_of_somebody_else(browser: Browser) -> None:
    page = await _placed(browser, ASKS)
    await browser.send((await browser.open("/")).form("/log-out"))

    logged_out = await browser.open(f"{page.path}/return?payment_intent_client_secret=pi_1_secret_2")
    await browser.signed_up(email="bo@example.com")

    assert logged_out.path == f"/log-in?to={page.path}"
    for path in (f"{page.path}/confirm", f"{page.path}/return", f"{page.path}/cancel", f"/orders/{new_id()}/confirm"):
        assert (await browser.open(path)).status == 404, path
    theirs = await browser.shop.ask("POST", f"/api/v1{page.path}/cancel")
    assert (theirs.status, theirs.problem) == (404, "not-found")


async def test_a_payment_that_waits_for_nobody_sends_nobody_to_a_bank(browser: Browser) -> None:
    page = await _placed(browser)

    assert await _banks_address(browser, page.path) == page.path
    returned = await browser.open(f"{page.path}/return")
    assert returned.path == f"{page.path}?returned"
    assert 'data-state="paid"' in returned.html


async def test_cancelling_says_first_what_happens_with_the_money_and_sends_it_back(browser: Browser) -> None:
    page = await _placed(browser)
    asked = await browser.open(f"{page.path}/cancel")
    assert "$25.93 go back" in asked.text

    gone = await browser.send(asked.form(f"{page.path}/cancel"))
    assert "Refunds wait for a moment" not in gone.text
    twice = await browser.send(asked.form(f"{page.path}/cancel"))
    await work(browser.shop)
    after = await browser.open(page.path)

    assert gone.path == twice.path == page.path
    assert "We are sending $25.93 back to you" in gone.text
    assert "Money back" in after.text
    assert "the order was cancelled" in after.text
    assert f"{page.path}/cancel" not in after.html
    assert await _ledger(browser) == [("charge", TOTAL), ("refund", -TOTAL)]
    assert "Cancelled" in (await browser.open("/orders")).text


async def test_an_order_that_nobody_paid_is_cancelled_without_a_charge(browser: Browser) -> None:
    page = await _placed(browser, ASKS)
    asked = await browser.open(f"{page.path}/cancel")
    assert "Nothing was charged" in asked.text

    await browser.send(asked.form(f"{page.path}/cancel"))
    await work(browser.shop)

    assert "Nothing was charged." in (await browser.open(page.path)).text
    assert await _ledger(browser) == []


async def test_an_order_that_is_being_picked_is_too_late_to_cancel_in_html_and_json(browser: Browser) -> None:
    page = await _placed(browser)
    asked = await browser.open(f"{page.path}/cancel")
    async with browser.shop.db.transaction() as tx:
        await tx.execute(sa.update(customer_order).values(status="picking"))

    late = await browser.send(asked.form(f"{page.path}/cancel"))
    program = await browser.shop.ask("POST", f"/api/v1{page.path}/cancel")

    assert late.status == 409
    assert "We are picking it already" in late.text
    assert (program.status, program.problem) == (409, "too-late-to-cancel")


async def test_a_program_cancels_as_often_as_it_likes_and_sees_the_refund(browser: Browser) -> None:
    page = await _placed(browser)

    first = await browser.shop.ask("POST", f"/api/v1{page.path}/cancel")
    again = await browser.shop.ask("POST", f"/api/v1{page.path}/cancel")
    await work(browser.shop)
    after = (await browser.shop.get(f"/api/v1{page.path}")).body

    assert (first.status, first.body["status"]) == (200, "cancelled")
    assert again.body == first.body
    assert [(refund["amount_cents"], refund["state"]) for refund in after["refunds"]] == [(TOTAL, "succeeded")]
    assert json.dumps(after).count("re_") == 0, "what is at Stripe is for staff"


async def test_a_contested_charge_is_told_on_the_page_and_not_refunded_as_well(browser: Browser) -> None:
    page = await _placed(browser, "pm_card_createDispute")
    await _hear_of_disputes(browser)
    await work(browser.shop)

    contested = await browser.open(page.path)
    asked = await browser.open(f"{page.path}/cancel")
    await browser.send(asked.form(f"{page.path}/cancel"))
    await work(browser.shop)

    assert "Your question to your bank" in contested.text
    assert await _ledger(browser) == [("charge", TOTAL), ("dispute", -TOTAL)]


async def _hear_of_disputes(browser: Browser) -> None:
    """What the stand-in would tell the webhook."""
    shop = browser.shop
    base = shop.runtime.settings.stripe_api_base
    async with (
        ClientSession(headers={"Authorization": f"Bearer {SECRET_KEY}"}) as session,
        session.get(f"{base}/v1/events", params={"type": "charge.dispute.created"}) as answer,
    ):
        events = (await answer.json())["data"]
    assert events, "the stand-in disputed nothing"
    for event in events:
        await Till(shop.runtime, shop.client.server).hears(event)
