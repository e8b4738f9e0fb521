"""Stock and picking at the console: goods and order numbers, on the screen and nowhere else."""

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.ids import new_id
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop

PAGES = ("/staff/stock", "/staff/stock/windows", "/staff/picking")


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    for role in (Role.ORDERS, Role.PRIVACY):
        newcomer = NewStaff(name="Sam Staff", email=f"{role}@example.com", password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _enters(browser: Browser, role: Role) -> None:
    form = (await browser.open("/staff/policy")).form("/staff/log-in")
    await browser.send(form, email=f"{role}@example.com", password=PASSWORD)


async def _paid(browser: Browser) -> str:
    """Ana's order of four kale and two soap; its number."""
    card = await browser.shop.ready_to_order()
    placed = await browser.shop.order(payment_method_id=card)
    await browser.shop.charge(f"/orders/{placed.body['id']}")
    return str(placed.body["number"])


async def test_staff_see_what_to_restock_what_sells_when_and_what_to_pick_and_of_its_customer_nothing(
    browser: Browser,
) -> None:
    number = await _paid(browser)
    await _enters(browser, Role.ORDERS)
    picking = f"/staff/picking/{browser.shop.window}"

    stock, sales, windows, bags = [await browser.open(path) for path in (*PAGES, picking)]
    api = {path: (await browser.shop.get(f"/api/v1{path}")).body for path in (*PAGES, picking)}

    assert "Kale – 46 4 80.5 enough Vegetables" in stock.text
    assert "Kale 4 4" in sales.text
    assert "1 6 to pick" in windows.text
    assert number in bags.text
    assert "4 × Kale" in bags.text
    assert {(each["sku"], each["sold"]) for each in api["/staff/stock"]["shelves"]} == {("kale", 4), ("soap", 2)}
    assert {each["units"] for each in api["/staff/stock/windows"]["windows"]} == {6}
    assert [each["orders"] for each in api["/staff/picking"]["windows"]] == [1]
    assert [each["order_number"] for each in api[picking]["bags"]] == [number]
    # Of her telephone number more than three digits, which an id has by chance.
    personal = ("Ana", "ana@", "Spring", "555-0123", "5550123", "card")
    for shown in (stock.html, sales.html, windows.html, bags.html, *map(str, api.values())):
        assert not [word for word in personal if word in shown.split("</header>")[-1]]


async def test_what_the_shop_knows_of_its_sales_cannot_be_taken_away_and_every_look_is_on_record(
    browser: Browser,
) -> None:
    """C6: nothing here is a file, nothing is kept by a cache, and no parameter makes it one."""
    await _enters(browser, Role.ORDERS)
    for path in (*PAGES, *(f"/api/v1{page}" for page in PAGES)):
        for asked in ("", "?format=csv", "?download=1", ".csv", ".xlsx"):
            answer = await browser.shop.get(path + asked, headers={"Accept": "text/csv"})
            kind = answer.headers["Content-Type"].split(";")[0]
            assert "Content-Disposition" not in answer.headers
            assert answer.headers["Cache-Control"] == "no-store"
            assert kind in {"text/html", "application/json", "application/problem+json"}
            assert answer.status in {200, 404, 422}

    async with browser.shop.db.snapshot() as tx:
        looked = sa.select(audit_entry.c.subject).where(audit_entry.c.act == "stockroom_viewed")
        assert set((await tx.execute(looked)).scalars()) == {"shelves", "sales", "windows"}


@pytest.mark.parametrize("page", [*PAGES, "/staff/picking/{}"])
async def test_who_handles_peoples_data_has_no_business_in_the_stockroom(browser: Browser, page: str) -> None:
    await _enters(browser, Role.PRIVACY)
    path = page.format(browser.shop.window)

    assert (await browser.open(path)).status == 403
    refused = await browser.shop.get(f"/api/v1{path}")
    assert (refused.status, refused.problem) == (403, "role-forbids")


async def test_a_window_that_never_was_and_a_product_nobody_sells_are_said_so(browser: Browser) -> None:
    await _enters(browser, Role.ORDERS)

    for nothing in (new_id(), browser.shop.window, "tomorrow"):
        assert (await browser.open(f"/staff/picking/{nothing}")).status == 404
        assert (await browser.shop.get(f"/api/v1/staff/picking/{nothing}")).status == 404
    assert "Nothing to pick" in (await browser.open("/staff/picking")).text
    assert "Nothing sold" in (await browser.open("/staff/stock/windows?sku=nonsense&weekday=9")).text
    assert (await browser.shop.get("/api/v1/staff/stock/windows?weekday=9")).status == 422
