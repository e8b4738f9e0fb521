"""The console: its own door, filters in the address, a person's details only for a purpose and on record."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart.ids import new_id
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.staff.tables import staff_view
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

STAFF = "orders@example.com"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    newcomer = NewStaff(name="Sam Staff", email=STAFF, password=PASSWORD, role=Role.ORDERS)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _order(browser: Browser) -> Page:
    await browser.press(await browser.open("/"), "kale:6")
    checkout = await browser.signed_up()
    return await browser.send(checkout.form("/checkout"), card="new", stripe_payment_method="pm_card_visa")


async def _at_console(browser: Browser) -> Page:
    form = (await browser.open("/staff/orders")).form("/staff/log-in")
    return await browser.send(form, email=STAFF, password=PASSWORD)


async def test_the_console_asks_who_is_there_and_a_shoppers_log_in_does_not_open_it(browser: Browser) -> None:
    await browser.signed_up()

    for path in ("/staff", "/staff/orders", f"/staff/orders/{new_id()}"):
        assert (await browser.open(path)).path.startswith("/staff/log-in"), path


async def test_orders_are_filtered_by_what_is_in_the_address(browser: Browser) -> None:
    placed = await _order(browser)
    listed = await _at_console(browser)
    assert listed.path == "/staff/orders"
    assert "$20.94" in listed.text or "$25.93" in listed.text

    assert placed.path in (await browser.open("/staff/orders?status=placed")).html
    assert "No order matches" in (await browser.open("/staff/orders?status=paid")).text
    assert "No order matches" in (await browser.open("/staff/orders?q=ZZZZZ")).text
    assert placed.path in (await browser.open("/staff/orders?status=nonsense&since=never&before=x")).html


async def test_who_ordered_is_shown_only_for_a_purpose_and_the_look_is_on_record(browser: Browser) -> None:
    placed = await _order(browser)
    await _at_console(browser)
    page = await browser.open(f"/staff{placed.path}")
    assert "Ana Shopper" not in page.html
    assert "460 S Spring" not in page.html
    form = page.form(f"/staff{placed.path}/customer")

    unsaid = await browser.send(form, purpose="")
    shown = await browser.send(form, purpose="delivery")

    assert unsaid.status == 422
    assert "Ana Shopper" not in unsaid.html
    assert "Ana Shopper" in shown.text
    assert "460 S Spring" in shown.text
    async with browser.shop.db.transaction() as tx:
        looks = (await tx.execute(sa.select(staff_view.c.purpose))).scalars().all()
    assert looks == ["delivery"]
    assert "Deliver this order staff (orders)" in (await browser.open("/account")).text


async def test_logging_out_closes_the_console(browser: Browser) -> None:
    await _at_console(browser)

    await browser.send((await browser.open("/staff/orders")).form("/staff/log-out"))

    assert (await browser.open("/staff/orders")).path.startswith("/staff/log-in")
