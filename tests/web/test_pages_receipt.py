"""The receipt: its owner's and staff's, of a paid order only."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart.ids import OrderId, new_id
from kalecart.payments.tables import ledger_entry
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.builders import a_refund
from tests.clock import FakeClock
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop

STAFF = "orders@example.com"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    newcomer = NewStaff(name="Sam Staff", email=STAFF, password=PASSWORD, role=Role.ORDERS)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _ordered(browser: Browser) -> str:
    """The address of an order that is placed, by pages, and not paid yet."""
    await browser.press(await browser.open("/"), "kale:4")
    await browser.press(await browser.open("/"), "soap:2")
    checkout = await browser.signed_up()
    placed = await browser.send(checkout.form("/checkout"), card="new", stripe_payment_method="pm_card_visa")
    return placed.path


async def test_a_receipt_names_everything_once_the_order_is_paid_and_nothing_before(
    browser: Browser, clock: FakeClock
) -> None:
    order = await _ordered(browser)
    assert (await browser.open(f"{order}/receipt")).status == 404
    await browser.shop.charge(order)

    page = await browser.open(f"{order}/receipt")

    assert f'href="{order}/receipt"' in (await browser.open(order)).html
    assert page.status == 200
    for words in ("Ana Shopper", "460 S Spring St", "460 S. Spring St. #913", "VISA ending 4242", "November 2, 2026"):
        assert words in page.text, words
    for words in ("Kale 4 $3.49 $13.96", "Soap · taxed 2 $7.99 $15.98", "Sales tax $1.56", "Total $36.49"):
        assert words in page.text, words


async def test_a_receipt_shows_what_was_given_back_and_what_is_left(browser: Browser, clock: FakeClock) -> None:
    order = await _ordered(browser)
    await browser.shop.charge(order)
    order_id = OrderId(browser.shop.id_in(order))
    await a_refund(browser.shop.db, order_id, "missing", {"kale": 349}, now=clock.now())
    await a_refund(browser.shop.db, order_id, "goodwill", {}, now=clock.now(), state="failed")

    page = await browser.open(f"{order}/receipt")

    assert "something you ordered was missing 1 × Kale −$3.49" in page.text
    assert "Paid in the end $33.00" in page.text
    assert "trouble" not in page.text


async def test_another_customer_or_nobody_finds_no_receipt(browser: Browser) -> None:
    order = await _ordered(browser)
    await browser.shop.charge(order)
    await browser.send((await browser.open("/")).form("/log-out"))
    assert (await browser.open(f"{order}/receipt")).path.startswith("/log-in")

    await browser.signed_up(email="bea@example.com")

    assert (await browser.open(f"{order}/receipt")).status == 404


async def test_the_receipt_for_staff_does_not_name_the_customer(browser: Browser) -> None:
    order = await _ordered(browser)
    await browser.shop.charge(order)
    assert (await browser.open(f"/staff{order}/receipt")).path.startswith("/staff/log-in")
    form = (await browser.open("/staff/log-in")).form("/staff/log-in")
    await browser.send(form, email=STAFF, password=PASSWORD)

    page = await browser.open(f"/staff{order}/receipt")

    assert "VISA ending 4242" in page.text
    assert "Total $36.49" in page.text
    assert "Ana Shopper" not in page.html
    assert "460 S Spring St" not in page.html
    assert f'href="/staff{order}/receipt"' in (await browser.open(f"/staff{order}")).html


async def test_a_receipt_says_what_the_bank_holds_or_took_back(browser: Browser, clock: FakeClock) -> None:
    order = await _ordered(browser)
    await browser.shop.charge(order)
    async with browser.shop.db.transaction() as tx:
        taken = {"kind": "dispute", "amount_cents": -1_000, "stripe_id": "dp_1", "at": clock.now(), "id": new_id()}
        await tx.execute(sa.insert(ledger_entry).values(order_id=browser.shop.id_in(order), **taken))

    page = await browser.open(f"{order}/receipt")

    assert "Held or taken back by your bank −$10.00" in page.text
    assert "Paid in the end $26.49" in page.text
