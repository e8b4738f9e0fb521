"""Paper at the console: filed under a number, moved, shredded before a colleague; and the same for programs (C8)."""

import re
from datetime import timedelta
from uuid import UUID

import pytest_asyncio
import sqlalchemy as sa

from kalecart.ids import StaffId
from kalecart.privacy.place_hold import place_hold
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

PAPER, CABINETS = "/api/v1/staff/paper", "/api/v1/staff/cabinets"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    """Perry, who is at the console, and Mona beside them."""
    for role, name in ((Role.MANAGER, "Mona Manager"), (Role.PRIVACY, "Perry Privacy")):
        newcomer = NewStaff(name=name, email=f"{role}@example.com", password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    browser = Browser(shop)
    form = (await browser.open("/staff/paper")).form("/staff/log-in")
    await browser.send(form, email="privacy@example.com", password=PASSWORD)
    return browser


def option(page: Page, words: str) -> str:
    found = re.search(rf'<option value="([^"]+)"[^>]*>{words}', page.html)
    assert found, words
    return found[1]


async def test_paper_is_filed_under_a_number_moved_and_shredded_before_a_colleague(
    browser: Browser, clock: FakeClock
) -> None:
    page = await browser.open("/staff/paper")
    assert "No paper here" in page.text
    setting = page.form("/staff/paper/cabinets")
    refused = await browser.send(setting, name="", place="Cellar", holder="")
    assert (refused.status, refused.form("/staff/paper/cabinets").fields["place"]) == (422, "Cellar")
    for name in ("Cellar", "Office"):
        page = await browser.send(setting, name=name, place="By the door", holder=option(page, "Mona Manager"))
    office = option(page, "Office, By the door")

    late = await browser.send(page.form("/staff/paper"), what="identity", keep_until="2029-01-01", about="nobody")
    assert (late.status, late.form("/staff/paper").fields["about"]) == (422, "nobody")
    assert "Choose a day after today" in late.text
    filed = await browser.send(
        page.form("/staff/paper"), what="identity", cabinet_id=office, keep_until="2026-11-04", about=""
    )
    number = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{4}", filed.text)
    assert number
    assert f"Write {number[0]} on it, and lock it into Office" in filed.text

    at = filed.path.partition("?")[0]
    moved = await browser.send(filed.form(f"{at}/cabinet"), cabinet_id=option(filed, "Cellar, By the door"))
    assert "Lies in Cellar" in moved.text
    early = await browser.send(moved.form(f"{at}/shredding"), witness=option(moved, "Mona Manager"), early="")
    assert (early.status, "Its day has not come" in early.text) == (422, True)
    clock.advance(days=10)
    form = (await browser.open("/staff/log-in")).form("/staff/log-in")
    await browser.send(form, email="privacy@example.com", password=PASSWORD)
    board = await browser.open("/staff/paper")
    assert "1 paper to be shredded , 1 of it late" in board.text
    done = await browser.send((await browser.open(at)).form(f"{at}/shredding"), witness=option(moved, "Mona Manager"))
    assert "by Perry Privacy, seen by Mona Manager" in done.text
    assert number[0] in (await browser.open("/staff/paper?state=shredded&page=zero")).text
    assert number[0] not in (await browser.open("/staff/paper")).text


async def test_who_had_the_key_is_listed_and_it_is_handed_on(browser: Browser) -> None:
    page = await browser.open("/staff/paper")
    mona, perry = option(page, "Mona Manager"), option(page, "Perry Privacy")
    await browser.send(page.form("/staff/paper/cabinets"), name="Office", place="By the door", holder=mona)
    listed = await browser.open("/staff/paper")
    assert "Office By the door Mona Manager 0" in listed.text
    at = re.search(r"/staff/paper/cabinets/[0-9a-f-]{36}", listed.html)
    assert at

    cabinet = await browser.open(at[0])
    nobody = await browser.send(cabinet.form(f"{at[0]}/key"), holder="")
    handed = await browser.send(cabinet.form(f"{at[0]}/key"), holder=perry)
    assert nobody.status == 422
    assert handed.text.index("Mona Manager since") < handed.text.index("Perry Privacy since")
    assert (await browser.open(f"/staff/paper/cabinets/{perry}")).status == 404


async def test_programs_do_the_same_and_are_told_nothing_of_whom_a_paper_is_about(shop: Shop, browser: Browser) -> None:
    page = await browser.open("/staff/paper")
    mona, perry = option(page, "Mona Manager"), option(page, "Perry Privacy")
    made = await shop.ask("POST", CABINETS, json={"name": "Office", "place": "By the door", "holder": perry})
    where = made.body["id"]
    assert (await shop.ask("PUT", f"{CABINETS}/{where}/key", json={"staff_id": mona})).status == 204
    (cabinet,) = (await shop.get(CABINETS)).body["cabinets"]
    assert (cabinet["holder"], [key["staff_id"] for key in cabinet["keys"]]) == (mona, [mona, perry])

    asked = {"what": "staff", "cabinet_id": where, "about": "manager@example.com"}
    assert (await shop.ask("POST", PAPER, json=asked)).wrong == {"/keep_until"}
    assert (await shop.ask("POST", PAPER, json=asked | {"about": "A\0"})).wrong == {"/about"}
    filed = await shop.ask("POST", PAPER, json=asked | {"keep_until": "2027-11-02"})
    assert (filed.status, filed.body["state"], filed.body["keep_until"]) == (201, "kept", "2027-11-02T07:00:00Z")
    assert mona not in str(filed.body)
    at = f"{PAPER}/{filed.body['id']}"
    assert (await shop.ask("PUT", f"{at}/cabinet", json={"cabinet_id": where})).status == 200
    done = await shop.ask("POST", f"{at}/shredding", json={"witness": mona, "early": "mistake"})
    assert (done.status, done.body["state"], done.body["witness"]) == (200, "shredded", mona)
    assert (await shop.ask("POST", f"{at}/shredding", json={"witness": mona})).problem == "paper-moved-on"
    assert (await shop.get(PAPER)).body == {"papers": [], "more": False}
    assert [each["id"] for each in (await shop.get(f"{PAPER}?state=shredded")).body["papers"]] == [filed.body["id"]]


async def test_nobody_is_told_to_shred_a_paper_that_is_under_a_legal_hold(
    shop: Shop, browser: Browser, clock: FakeClock
) -> None:
    """E70: what is written down here was done before, and a shredded paper does not come back."""
    page = await browser.open("/staff/paper")
    mona, perry = option(page, "Mona Manager"), option(page, "Perry Privacy")
    made = await shop.ask("POST", CABINETS, json={"name": "Office", "place": "By the door", "holder": perry})
    await shop.sign_up()
    asked = {"what": "delivery", "cabinet_id": made.body["id"], "about": "ana@example.com"}
    paper = (await shop.ask("POST", PAPER, json=asked)).body
    async with shop.db.snapshot() as tx:
        ana = await tx.scalar(sa.text("SELECT id FROM customer"))
    given = {"by": StaffId(UUID(mona)), "db": shop.db, "clock": clock}
    await place_hold(ana, ground="case-1", review_at=clock.now() + timedelta(days=30), **given)

    page = await browser.open(f"/staff/paper/{paper['id']}")
    assert ("Do not shred it" in page.text, "I shredded it" in page.text) == (True, False)
    assert "under a legal hold" in (await browser.open("/staff/paper")).text
    assert (paper["held"], (await shop.get(f"{PAPER}/{paper['id']}")).body["held"]) == (False, True)
    assert [each["held"] for each in (await shop.get(PAPER)).body["papers"]] == [True]
    done = await shop.ask("POST", f"{PAPER}/{paper['id']}/shredding", json={"witness": mona, "early": "done"})
    assert (done.status, done.problem) == (409, "paper-held")
