"""What the manager alone does about people's data: holds, what is destroyed at once; what is left of the erased."""

from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import FormData

from kalecart.errors import NotYet
from kalecart.privacy.erase import LETTER_WAITS, erase_person
from kalecart.privacy.subject import Person
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.builders import a_paid_order, a_product, a_shopper, a_window
from tests.clock import FakeClock
from tests.trained import train_all
from tests.web.office import enters, two_at_work
from tests.web.page import Browser
from tests.web.shop import Shop
from tests.web.works import work


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault) -> Browser:
    return await two_at_work(shop, vault)


async def test_the_manager_places_a_hold_sees_it_and_lifts_it_and_nobody_else_does(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    await browser.signed_up()
    later = (clock.now() + timedelta(days=90)).date().isoformat()
    await enters(browser, Role.MANAGER)
    page = await browser.open("/staff/holds")
    assert "None so far" in page.text
    form = page.form("/staff/holds")

    unknown = await browser.send(form, email="nobody@example.com", ground="case-7", review_at=later)
    named = await browser.send(form, email="ana@example.com", ground="Ana sued us", review_at=later)
    never = await browser.send(form, email="ana@example.com", ground="case-7", review_at="")
    placed = await browser.send(form, email=" Ana@example.com", ground="case-7", review_at=later)
    again = await browser.send(form, email="ana@example.com", ground="case-7", review_at=later)

    assert [each.status for each in (unknown, named, never, placed, again)] == [422, 422, 422, 200, 409]
    assert "case-7" in placed.text
    assert "ana@example.com" not in placed.html.lower()
    clock.advance(days=91)
    await train_all(shop.db, clock)
    await enters(browser, Role.MANAGER)
    page = await browser.open("/staff/holds")
    assert "due" in page.text
    hold = (await shop.get("/api/v1/staff/holds")).body["holds"][0]
    assert "lifted" in (await browser.send(page.form(f"/staff/holds/{hold['id']}/lift"))).text
    asked = {"email": hold["customer_id"], "ground": "case-8", "review_at": "2027-06-01T00:00:00Z"}
    made = await shop.ask("POST", "/api/v1/staff/holds", json=asked)
    assert (made.status, (await shop.ask("DELETE", f"/api/v1/staff/holds/{made.body['id']}")).status) == (201, 204)
    assert (await shop.ask("DELETE", f"/api/v1/staff/holds/{made.body['id']}")).status == 404
    await enters(browser, Role.PRIVACY)
    assert [(await browser.open("/staff/holds")).status, (await shop.get("/api/v1/staff/holds")).status] == [403, 403]


async def test_the_manager_has_what_came_without_consent_destroyed_at_once_and_nobody_else_does(
    browser: Browser, shop: Shop
) -> None:
    """C4: on record, by who asked; its day is waited for no longer."""
    await enters(browser, Role.PRIVACY)
    form = FormData({"channel": "letter", "received": "2026-10-30"})
    form.add_field("content", b"Planted Neighbor", filename="list.csv")
    await browser._ask("POST", "/staff/sources", data=form)
    assert "Destroy now" not in (await browser.open("/staff/sources")).text
    found = (await shop.get("/api/v1/staff/sources")).body["sources"][0]["id"]
    assert (await shop.ask("DELETE", f"/api/v1/staff/sources/{found}")).status == 403

    await enters(browser, Role.MANAGER)
    page = await browser.open("/staff/sources")
    await browser.send(page.form(f"/staff/sources/{found}/destruction"))
    await work(shop)

    source = (await shop.get("/api/v1/staff/sources")).body["sources"][0]
    assert source["destroyed_at"] is not None
    assert (await shop.ask("DELETE", f"/api/v1/staff/sources/{found}")).status == 404


async def test_of_an_erased_person_staff_see_the_day_and_of_one_whose_order_is_under_way_what_is_needed(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    window = await a_window(shop.db, now=clock.now(), opens_in=97.5)
    await a_product(shop.db, "kept-kale")
    buyer = await a_shopper(shop.db, shop.runtime.vault, now=clock.now(), window=window)
    await buyer.puts("kept-kale", 4, now=clock.now())
    order = await a_paid_order(buyer, 2499, clock=clock)

    async def erases() -> None:
        await erase_person(Person.customer(buyer.customer_id), None, db=shop.db, clock=clock)

    with pytest.raises(NotYet):
        await erases()
    clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)
    await erases()
    await enters(browser, Role.MANAGER)
    at = f"/staff/orders/{order}"
    waits = await browser.send((await browser.open(at)).form(f"{at}/customer"), purpose="delivery")
    assert "A Shopper" in waits.text

    for act in ("picking", "fulfilled"):
        assert (await shop.ask("POST", f"/api/v1{at}/{act}")).status < 300
    await erases()
    form = waits.read.forms.get(f"{at}/customer")
    gone = await browser.open(at)
    looked = await browser._ask("POST", f"{at}/customer", data={"purpose": "delivery"})

    assert form is None
    assert [page.status for page in (gone, looked)] == [200, 200]
    assert all("Erased on" in page.text for page in (gone, looked))
    assert all("A Shopper" not in page.html and "Show and record" not in page.text for page in (gone, looked))
