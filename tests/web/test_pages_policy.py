"""The policy as anybody reads it: every version, what changed, and how it is kept; without log-in, script or cookie."""

from datetime import date

import pytest

from kalecart.controls import record_control
from kalecart.openness.tell import tell_policy
from kalecart.policy import store
from kalecart.policy.versions import PolicyVersion, packaged
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.trained import train_all
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop
from web.evidence import AGE_MAX

NEWER = PolicyVersion(
    version="2026-11-20",
    effective_on=date(2026, 11, 20),
    text=packaged()[0].text.replace("We investigate every complaint.", "We look into each and every complaint."),
)


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


async def _publish(shop: Shop, version: PolicyVersion) -> None:
    async with shop.db.transaction() as tx:
        await store.add(tx, version, now=shop.runtime.clock.now())


async def test_a_coming_version_is_announced_on_the_one_in_force_and_says_that_it_is_not(browser: Browser) -> None:
    await _publish(browser.shop, NEWER)

    now, coming = await browser.open("/policy"), await browser.open("/policy?version=2026-11-20")

    assert "From November 20, 2026 a new version holds" in now.text
    assert "We investigate every complaint" in now.text
    assert "not in force yet" in coming.text
    assert "each and every complaint" in coming.text


async def test_any_two_versions_are_compared_clause_by_clause_with_the_words_marked(browser: Browser) -> None:
    await _publish(browser.shop, NEWER)

    page = await browser.open("/policy/changes?from=2026-11-01&to=2026-11-20")
    back = await browser.open("/policy/changes?from=2026-11-20&to=2026-11-01")

    assert "<ins>" in page.html
    assert page.text.index("C13") < page.text.index("As before")
    assert "[added: look into each and ]" in page.text
    assert "[taken out: look into each and ]" in back.text
    assert "C12 · Questions and complaints" in page.text[page.text.index("As before") :]
    assert (await browser.open("/policy/changes?from=2026-11-01&to=1999-01-01")).status == 404


async def test_without_being_told_which_the_newest_version_is_held_against_the_one_before(browser: Browser) -> None:
    page = await browser.open("/policy/changes")
    same = await browser.open("/policy/changes?from=2026-11-01&to=2026-11-01")

    assert "[added: December ]" in page.text
    assert "Global Privacy Control" in page.text
    assert "nothing differs" in same.text


async def test_the_page_of_promises_has_each_clause_with_its_code_its_test_and_what_can_be_seen(
    browser: Browser,
) -> None:
    page = await browser.open("/promises")

    assert [f"c{number}" in page.read.ids for number in range(1, 16)] == [True] * 15
    assert "kalecart/vault.py" in page.text
    assert "test_without_the_key_a_person_is_unreadable" in page.text
    assert '<a href="/cookies-off">' in page.html
    assert "not as promised" not in page.text
    assert page.headers.getall("Set-Cookie", []) == []


async def test_a_promise_that_is_broken_turns_red_on_the_page(browser: Browser) -> None:
    shop = browser.shop
    await browser.press(await browser.open("/"), "kale:6")
    checkout = await browser.signed_up()
    await browser.send(checkout.form("/checkout"), card="new", stripe_payment_method="pm_card_visa")
    before = await browser.open("/promises")

    # Nobody asks for the order's payment, because no worker runs.
    shop.runtime.clock.advance(hours=2)  # ty: ignore[unresolved-attribute]  # tests move it
    after = await browser.open("/promises")

    assert "not as promised" not in before.text
    assert "Orders whose payment was not asked for within the hour: 1" in after.text
    assert "C15 · Payment terms not as promised" in after.text
    assert "Orders in the last 30 days: fewer than 10" in after.text


async def test_what_is_shown_of_the_shop_is_counted_at_most_every_few_seconds(browser: Browser) -> None:
    counted = "Versions of the policy you can read, and compare with each other: 2 "
    first = await browser.open("/promises")
    await _publish(browser.shop, NEWER)
    second = await browser.open("/promises")
    browser.shop.runtime.clock.advance(seconds=AGE_MAX.total_seconds() + 1)  # ty: ignore[unresolved-attribute]  # tests move it
    third = await browser.open("/promises")

    assert [counted in page.text for page in (first, second, third)] == [True, True, False]


async def test_a_customer_is_told_where_they_come_anyway_and_says_with_one_press_that_they_read_it(
    browser: Browser,
) -> None:
    shop = browser.shop
    await browser.signed_up()
    shop.runtime.clock.advance(seconds=1)  # ty: ignore[unresolved-attribute]  # tests move it
    await _publish(shop, NEWER)
    await tell_policy(None, db=shop.db, clock=shop.runtime.clock)

    told = await browser.open("/orders")
    after = await browser.send(told.form("/policy/acknowledgement"))

    assert "There is a new version of our policy" in told.text
    assert after.path == "/orders"
    assert "There is a new version of our policy" not in after.text


async def test_staff_read_the_policy_in_time_or_the_console_lets_them_do_nothing_else(
    browser: Browser, vault: Vault
) -> None:
    shop, clock = browser.shop, browser.shop.runtime.clock
    newcomer = NewStaff(name="Sam Staff", email="sam@example.com", password=PASSWORD, role=Role.MANAGER)
    staff_id = await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    await tell_policy(None, db=shop.db, clock=clock)
    log_in = {"email": "sam@example.com", "password": PASSWORD}

    in_time = await browser.send((await browser.open("/staff/orders")).form("/staff/log-in"), **log_in)
    gaps = await browser.open("/staff/policy")
    assert "There is a policy you have not read yet" in in_time.text
    assert str(staff_id) in gaps.text
    await train_all(shop.db, clock)
    clock.advance(days=15)  # ty: ignore[unresolved-attribute]  # tests move it
    paused = await browser.send((await browser.open("/staff/orders")).form("/staff/log-in"), **log_in)
    refused = await shop.get("/api/v1/staff/orders")

    assert paused.path == "/staff/policy"
    assert "the rest of the console waits until you have" in paused.text
    assert "Who was told" not in paused.text
    assert (refused.status, refused.problem) == (403, "policy-unread")

    await browser.send(paused.form("/staff/policy/acknowledgement"))
    assert (await browser.open("/staff/orders")).path == "/staff/orders"
    assert "Nobody: all have" in (await browser.open("/staff/policy")).text


async def test_a_control_that_fails_or_does_not_run_turns_its_clause_red(browser: Browser) -> None:
    shop, clock = browser.shop, browser.shop.runtime.clock
    waiting = await browser.open("/promises")
    async with shop.db.transaction() as tx:
        await record_control(tx, "money", passed=False, detail="1 broken", now=clock.now())
        await record_control(tx, "policy_told", passed=True, detail="fine", now=clock.now())
    clock.advance(seconds=AGE_MAX.total_seconds() + 1)  # ty: ignore[unresolved-attribute]  # tests move it
    broken = await browser.open("/promises")
    clock.advance(hours=2)  # ty: ignore[unresolved-attribute]  # tests move it
    overdue = await browser.open("/promises")

    assert "not as promised" not in waiting.text
    assert "C15 · Payment terms not as promised" in broken.text
    assert "add up to the cent: not kept at the last check" in broken.text
    assert "C9 · Openness not as promised" not in broken.text
    assert "C9 · Openness not as promised" in overdue.text
    assert "1 broken" not in broken.text
