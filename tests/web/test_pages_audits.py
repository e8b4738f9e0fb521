"""Reviews and audits at the console and over the API (C8)."""

import re
from datetime import timedelta

import pytest_asyncio

from kalecart.audits.watch import watch_audits
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

NAMES = {Role.MANAGER: "Maya Ortiz", Role.PRIVACY: "Perry Privacy", Role.ORDERS: "Otto Orders"}


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    for role, name in NAMES.items():
        newcomer = NewStaff(name=name, email=f"{role}@example.com", password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    await watch_audits(None, db=shop.db, clock=clock)
    return Browser(shop)


async def _enters(browser: Browser, role: Role) -> Page:
    browser.shop.client.session.cookie_jar.clear()
    form = (await browser.open("/staff/log-in")).form("/staff/log-in")
    return await browser.send(form, email=f"{role}@example.com", password=PASSWORD)


def _line(page: Page, words: str) -> str:
    """The address of a line's form, by the words of its button."""
    found = re.search(rf'action="([^"]+)"><button[^>]+aria-label="{words}', page.html)
    assert found is not None, words
    return found[1]


async def test_the_manager_and_the_delegate_finish_a_review_of_each_other_over_either_face(
    browser: Browser, shop: Shop
) -> None:
    await _enters(browser, Role.ORDERS)
    assert (await browser.open("/staff/reviews")).status == 403
    await _enters(browser, Role.MANAGER)
    page = await browser.open("/staff/reviews")
    assert ("5 left" in page.text, "for somebody else to decide" in page.text) == (True, True)
    kept = _line(page, "Confirm Privacy administrator for Perry Privacy")
    page = await browser.send(page.form(kept), outcome="kept")
    assert "confirmed by Maya Ortiz" in page.text
    again = await shop.ask("POST", f"/api/v1/staff/reviews/lines/{kept.split('/')[-1]}", json={"outcome": "kept"})
    assert (again.status, again.problem) == (409, "line-decided")
    taken = _line(page, "Confirm Orders and stock for Otto Orders")
    page = await browser.send(page.form(taken), outcome="taken", instead="")
    assert "taken away by Maya Ortiz" in page.text
    (review,) = (await shop.get("/api/v1/staff/reviews")).body["reviews"]
    assert (review["quarter"], review["left"], review["overdue"]) == ("2026-Q4", 3, False)
    own = next(each["line_id"] for each in review["lines"] if each["what"] == "manager")
    refused = await shop.ask("POST", f"/api/v1/staff/reviews/lines/{own}", json={"outcome": "kept"})
    assert (refused.status, refused.problem) == (403, "own-access")
    for each in (each for each in review["lines"] if each["kind"] == "designation"):
        path = f"/api/v1/staff/reviews/lines/{each['line_id']}"
        assert (await shop.ask("POST", path, json={"outcome": "kept"})).status == 204

    await _enters(browser, Role.PRIVACY)
    page = await browser.open("/staff/reviews")
    assert "Take it away" not in page.text
    page = await browser.send(page.form(_line(page, "Confirm Manager for Maya Ortiz")), outcome="kept")
    assert "finished" in page.text


async def test_an_audit_is_written_down_its_finding_put_right_and_closed_by_another_over_either_face(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    await _enters(browser, Role.MANAGER)
    page = await browser.open("/staff/audits")
    assert page.text.count("on time") == 3
    plan = {"plan_id": (await shop.get("/api/v1/staff/audits")).body["plans"][0]["plan_id"]}
    wrong = await browser.send(page.form("/staff/audits/held"), **plan, held_on="2031-01-01", result="")
    assert (wrong.status, "Enter the day it was held" in wrong.text) == (422, True)
    page = await browser.send(page.form("/staff/audits/held"), **plan, result="Cabinets, keys and cameras.")
    late = (clock.now() + timedelta(days=5)).date().isoformat()
    held = {"audit_id": (await shop.get("/api/v1/staff/audits")).body["held"][0]["audit_id"]}
    wrong = await browser.send(page.form("/staff/audits/findings"), **held, words=" ", follow_up_by="soon")
    assert (wrong.status, "Say what is wrong" in wrong.text) == (422, True)
    found = held | {"severity": "severe", "clause": "C8", "words": "A cabinet <was> open.", "follow_up_by": late}
    page = await browser.send(page.form("/staff/audits/findings"), **found)
    assert ("A cabinet <was> open." in page.text, "due soon" in page.text) == (True, True)
    (finding,) = (await shop.get("/api/v1/staff/audits")).body["findings"]
    at = f"/staff/audits/findings/{finding['finding_id']}"
    assert "Say how it was put right" in (await browser.send(page.form(f"{at}/mending"), how="")).text
    page = await browser.send(page.form(f"{at}/mending"), how="It has a lock now.")
    assert ("somebody else says" in page.text, f"{at}/closing" in page.html) == (True, False)
    refused = await shop.ask("POST", f"/api/v1{at}/closing")
    assert (refused.status, refused.problem) == (403, "four-eyes")

    await _enters(browser, Role.PRIVACY)
    page = await browser.open("/staff/audits")
    assert "Change the plan" not in page.text
    page = await browser.send(page.form(f"{at}/return"))
    assert (await shop.ask("POST", f"/api/v1{at}/mending", json={"how": "A better lock."})).status == 204
    await _enters(browser, Role.MANAGER)
    page = await browser.open("/staff/audits")
    page = await browser.send(page.form(f"{at}/closing"))
    assert "A better lock." in page.text
    moved = await shop.ask("POST", f"/api/v1{at}/return")
    assert (moved.status, moved.problem) == (409, "finding-moved-on")


async def test_the_manager_changes_the_plan_over_either_face(browser: Browser, shop: Shop) -> None:
    await _enters(browser, Role.MANAGER)
    page = await browser.open("/staff/audits")
    wrong = await browser.send(page.form("/staff/audits/plans"), title="Drivers", clauses="C8 and C77", months="x")
    assert (wrong.status, "Choose the promises" in wrong.text, "every how many" in wrong.text) == (422, True, True)
    page = await browser.send(page.form("/staff/audits/plans"), title="Drivers", clauses="c8, C9", months="2")
    assert "Drivers" in page.text
    plans = {each["title"]: each for each in (await shop.get("/api/v1/staff/audits")).body["plans"]}
    made = plans["Drivers"]
    assert (made["clauses"], made["months"], made["standing"]) == (["C8", "C9"], 2, "on_time")
    path = f"/api/v1/staff/audits/plans/{made['plan_id']}"
    body = {"title": "Drivers", "clauses": ["C8"], "months": 1, "going_on": False}
    assert (await shop.ask("PUT", path, json=body)).status == 204
    page = await browser.open("/staff/audits")
    assert "stopped" in page.text
    others = [each for title, each in plans.items() if title != "Drivers"]
    stopped = [
        await shop.ask("PUT", f"/api/v1/staff/audits/plans/{each['plan_id']}", json=body | {"title": "x"})
        for each in others
    ]
    assert [each.status for each in stopped] == [204, 204, 409]
    assert stopped[-1].problem == "last-plan"
    planned = await shop.ask("POST", "/api/v1/staff/audits/plans", json=body | {"going_on": True})
    assert planned.status == 201
    held = {
        "held_on": "2026-11-02",
        "result": "Fine.",
        "findings": [{"clause": "C8", "severity": "minor", "words": "A note on a desk.", "follow_up_by": "2026-12-01"}],
    }
    at = f"/api/v1/staff/audits/plans/{planned.body['made_id']}/held"
    audit = await shop.ask("POST", at, json=held)
    assert audit.status == 201
    more = f"/api/v1/staff/audits/held/{audit.body['made_id']}/findings"
    assert (await shop.ask("POST", more, json=held["findings"][0])).status == 201
    assert len((await shop.get("/api/v1/staff/audits")).body["findings"]) == 2


async def test_another_role_is_given_over_either_face(browser: Browser, shop: Shop) -> None:
    await _enters(browser, Role.MANAGER)
    people = {each["name"]: each["staff_id"] for each in (await shop.get("/api/v1/staff/people")).body["people"]}
    otto, maya = people["Otto Orders"], people["Maya Ortiz"]
    page = await browser.open("/staff/people")
    assert f"/staff/people/{maya}/role" not in page.html
    wrong = await browser.send(page.form(f"/staff/people/{otto}/role"), role="king")
    assert (wrong.status, "Choose a role." in wrong.text) == (422, True)
    await browser.send(page.form(f"/staff/people/{otto}/role"), role="privacy")
    same = await shop.ask("POST", f"/api/v1/staff/people/{otto}/role", json={"role": "privacy"})
    own = await shop.ask("POST", f"/api/v1/staff/people/{maya}/role", json={"role": "orders"})

    assert (same.problem, own.problem) == ("same-role", "own-role")
    await _enters(browser, Role.ORDERS)
    assert (await browser.open("/staff/complaints")).status == 200
    assert (await browser.open("/staff/orders")).status == 403
