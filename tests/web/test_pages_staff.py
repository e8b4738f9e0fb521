"""The console's pages about who works here: their own data, and for the manager the end of an employment (C8, C10)."""

from datetime import timedelta

import pytest_asyncio

from kalecart import tasks
from kalecart.database import Database
from kalecart.ids import RequestId
from kalecart.privacy.fulfil import fulfil_request
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop

MANAGER, PICKER = "manager@example.com", "orders@example.com"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    for name, email, role in (("Maya Ortiz", MANAGER, Role.MANAGER), ("Sam Staff", PICKER, Role.ORDERS)):
        newcomer = NewStaff(name=name, email=email, password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _enters(browser: Browser, email: str) -> None:
    await browser.send((await browser.open("/staff/log-in")).form("/staff/log-in"), email=email, password=PASSWORD)


async def test_who_works_here_asks_at_the_console_and_downloads_the_answer_over_either_face(
    browser: Browser, shop: Shop, db: Database, vault: Vault
) -> None:
    await _enters(browser, PICKER)
    page = await browser.open("/staff/data")
    assert "two years after you left" in page.text
    page = await browser.send(page.form("/staff/data"), kind="access", password="no")
    assert "This is not your password." in page.text
    page = await browser.send(page.form("/staff/data"), kind="access", password=PASSWORD)
    assert "In work" in page.text

    async with db.direct() as pg:
        held = (await tasks.claim_due(pg, ["fulfil_request"], most=1, now=shop.runtime.clock.now()))[0]
    asked = RequestId(shop.id_in(f"/{held.arguments['request_id']}"))
    await fulfil_request(asked, held, db=db, vault=vault, clock=shop.runtime.clock, gateway=shop.runtime.gateway)

    assert "Download" in (await browser.open("/staff/data")).text
    listed = (await shop.get("/api/v1/staff/me/requests")).body["requests"][0]
    assert (listed["state"], listed["package"]["available"]) == ("answered", True)
    path = f"/api/v1/staff/me/requests/{asked}"
    link = (await shop.ask("POST", f"{path}/link", json={"password": PASSWORD})).body["link"]
    async with shop.client.get(f"{path}/package?link={link}") as got:
        assert (got.status, got.headers["Content-Type"]) == (200, "application/zip")
    again = await shop.get(f"{path}/package?link={link}")
    assert (again.status, again.problem) == (404, "no-such-package")
    erased = await shop.ask("POST", "/api/v1/staff/me/requests", json={"kind": "erasure", "password": PASSWORD})
    assert (erased.status, erased.problem) == (422, "still-here")


async def test_the_manager_ends_an_employment_and_cannot_end_the_last_managers(browser: Browser, shop: Shop) -> None:
    await _enters(browser, PICKER)
    assert (await browser.open("/staff/people")).status == 403
    await browser.send((await browser.open("/staff/data")).form("/staff/log-out"))
    await _enters(browser, MANAGER)
    page = await browser.open("/staff/people")
    assert "Sam Staff" in page.text
    people = {each["name"]: each for each in (await shop.get("/api/v1/staff/people")).body["people"]}
    sam, maya = (people[name]["staff_id"] for name in ("Sam Staff", "Maya Ortiz"))

    page = await browser.send(page.form(f"/staff/people/{sam}/departure"))
    refused = await browser.send(page.form(f"/staff/people/{maya}/departure"))
    again = await shop.ask("POST", f"/api/v1/staff/people/{sam}/departure")

    assert f"/staff/people/{sam}/departure" not in page.html
    assert (refused.status, "Make somebody else a manager first." in refused.text) == (409, True)
    assert again.status == 204
    await browser.send((await browser.open("/staff/data")).form("/staff/log-out"))
    await _enters(browser, PICKER)
    assert (await browser.open("/staff/data")).path.startswith("/staff/log-in")


async def test_the_manager_designates_somebody_until_a_day_and_takes_it_back_over_either_face(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    """C3."""
    await _enters(browser, MANAGER)
    page = await browser.open("/staff/people")
    wrong = await browser.send(page.form("/staff/designations"), scope="complaints", starts_at="2020-01-01")
    assert (wrong.status, "nobody was designated before" in wrong.text) == (422, True)
    wrong = await browser.send(page.form("/staff/designations"), scope="complaints", ends_at="soon")
    assert "Enter a day." in wrong.text
    last = (clock.now() + timedelta(days=9)).date().isoformat()
    people = {each["name"]: each["staff_id"] for each in (await shop.get("/api/v1/staff/people")).body["people"]}
    asked = {"staff_id": people["Sam Staff"], "scope": "complaints", "ends_at": last}
    page = await browser.send(page.form("/staff/designations"), **asked)
    assert "in force" in page.text
    held = (await shop.get("/api/v1/staff/designations")).body["designations"][0]
    assert (held["scope"], held["in_force"]) == ("complaints", True)

    await browser.send(page.form("/staff/log-out"))
    await _enters(browser, PICKER)
    assert (await browser.open("/staff/complaints")).status == 200
    assert (await browser.open("/staff/requests")).status == 403
    refused = await shop.ask(
        "POST", "/api/v1/staff/designations", json={"staff_id": held["staff_id"], "scope": "requests"}
    )
    assert (refused.status, refused.problem) == (403, "role-forbids")
    await browser.send((await browser.open("/staff/data")).form("/staff/log-out"))

    await _enters(browser, MANAGER)
    page = await browser.open("/staff/people")
    page = await browser.send(page.form(f"/staff/designations/{held['designation_id']}/revocation"))
    assert "taken back" in page.text
    path = f"/api/v1/staff/designations/{held['designation_id']}/revocation"
    assert (await shop.ask("POST", path)).status == 204
    made = await shop.ask(
        "POST", "/api/v1/staff/designations", json={"staff_id": held["staff_id"], "scope": "requests"}
    )
    assert (made.status, made.body["in_force"]) == (201, True)
    await browser.send((await browser.open("/staff/data")).form("/staff/log-out"))
    await _enters(browser, PICKER)
    assert (await browser.open("/staff/complaints")).status == 403


async def test_a_lapsed_training_closes_the_console_and_the_next_one_opens_it_again(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    """C8, C9; told ahead for thirty days."""
    await _enters(browser, MANAGER)
    people = {each["name"]: each["staff_id"] for each in (await shop.get("/api/v1/staff/people")).body["people"]}
    page = await browser.open("/staff/training")
    assert page.text.count("not trained yet") == 2
    wrong = await browser.send(page.form("/staff/training"), staff_id=people["Sam Staff"], held_on="2024-01-01")
    assert (wrong.status, "within a year" in wrong.text) == (422, True)
    long_ago = (clock.now() - timedelta(days=350)).date().isoformat()
    for whom in people.values():
        await browser.send(page.form("/staff/training"), staff_id=whom, held_on=long_ago)
    page = await browser.open("/staff/training")
    assert (page.text.count("due soon"), "Your training counts until" in page.text) == (2, True)

    clock.advance(days=20)
    await _enters(browser, PICKER)
    page = await browser.open("/staff/orders")
    assert (page.path, "Your training lapsed" in page.text) == ("/staff/training", True)
    refused = await shop.get("/api/v1/staff/orders")
    assert (refused.status, refused.problem) == (403, "training-lapsed")
    await browser.send(page.form("/staff/log-out"))
    await _enters(browser, MANAGER)
    page = await browser.open("/staff/training")
    today = clock.now().date().isoformat()
    await browser.send(page.form("/staff/training"), staff_id=people["Maya Ortiz"], held_on=today)
    assert (await browser.open("/staff/orders")).path == "/staff/orders"
    trained = await shop.ask("POST", f"/api/v1/staff/people/{people['Sam Staff']}/training", json={"held_on": today})
    assert trained.status == 204
    await browser.send((await browser.open("/staff/data")).form("/staff/log-out"))
    await _enters(browser, PICKER)
    assert (await browser.open("/staff/orders")).path == "/staff/orders"
