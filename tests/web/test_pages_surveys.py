"""Surveys as people use them: staff compose and open, customers answer, skip and take back (C6, E48)."""

from datetime import timedelta
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.ids import new_id
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Answer, Shop

STAFF = "perry@example.com"
WHY = "So that we stock what people cook."
FILLED = {
    "title": "How you cook",
    "kind-1": "choice",
    "words-1": "How often do you cook?",
    "why-1": WHY,
    "choices-1": "Daily\nHardly ever\n",
    "kind-3": "text",
    "words-3": "Which vegetable do you miss here?",
    "why-3": WHY,
    "kind-4": "sensitive",
    "words-4": "Were you ever short of money for food?",
    "why-4": WHY,
}


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault) -> Browser:
    newcomer = NewStaff(name="Perry Privacy", email=STAFF, password=PASSWORD, role=Role.PRIVACY)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
    return Browser(shop)


async def _at_console(browser: Browser) -> Page:
    form = (await browser.open("/staff/surveys")).form("/staff/log-in")
    return await browser.send(form, email=STAFF, password=PASSWORD)


async def _opened(browser: Browser) -> Page:
    page = await browser.send((await _at_console(browser)).form("/staff/surveys"), **FILLED)
    return await browser.send(page.form(page.path.partition("?")[0] + "/open"))


async def _asked(browser: Browser) -> tuple[str, list[str]]:
    """The survey's address in the account, and the names of its fields."""
    page = await browser.open("/account/surveys")
    address = next(part for part in page.html.split('"') if part.startswith("/account/surveys/"))
    form = (await browser.open(address)).form(address)
    return address, [name for name in form.fields if name.startswith("answer-")]


async def test_staff_compose_a_survey_open_it_and_are_not_told_whether_anybody_answered(browser: Browser) -> None:
    draft = await browser.send((await _at_console(browser)).form("/staff/surveys"), **FILLED)
    assert "The draft is kept" in draft.text
    address = draft.path.partition("?")[0]
    asked = await browser.send(draft.form(f"{address}/open"))
    assert "each count ±31 people" in asked.text
    again = await browser.send(draft.form(f"{address}/open"))
    assert (again.status, "It was opened before" in again.text) == (409, True)

    before = [(await browser.open(path)).text for path in (address, "/staff/surveys")]
    await browser.signed_up()
    place, names = await _asked(browser)
    await browser.send((await browser.open(place)).form(place), **{names[0]: "Daily", "agrees": "on"})

    assert [(await browser.open(path)).text for path in (address, "/staff/surveys")] == before, "one person turns it"
    closed = await browser.send((await browser.open(address)).form(f"{address}/close"))
    assert "It is closed" in closed.text
    assert "Being counted" in (await browser.open("/staff/surveys")).text


async def test_a_survey_that_asks_who_people_are_is_refused_with_the_reason_and_what_was_typed(
    browser: Browser,
) -> None:
    page = await _at_console(browser)
    wrong = FILLED | {"words-3": "What is your full name?", "choices-1": "Only one"}
    refused = await browser.send(page.form("/staff/surveys"), **wrong)

    assert refused.status == 422
    assert "This asks for a name. A survey may not ask who somebody is (C6)." in refused.text
    assert "Offer two answers at least" in refused.text
    assert 'href="#words-3"' in refused.html
    assert refused.form("/staff/surveys").fields["words-3"] == "What is your full name?"
    assert "Nothing was asked yet" in refused.text


async def test_a_customer_answers_what_they_like_changes_it_and_takes_it_back(browser: Browser) -> None:
    await _opened(browser)
    await browser.signed_up()
    place, names = await _asked(browser)
    page = await browser.open(place)
    assert WHY in page.text
    assert "of four answers we keep three" in page.text

    unagreed = await browser.send(page.form(place), **{names[0]: "Daily"})
    assert (unagreed.status, "Without your consent" in unagreed.text) == (422, True)
    identified = await browser.send(page.form(place), **{names[1]: "ask ana@example.com", "agrees": "on"})
    assert "This looks like an e-mail address" in identified.text
    done = await browser.send(page.form(place), **{names[0]: "Daily", names[2]: "yes", "agrees": "on"})
    assert "kept under a random number" in done.text

    mine = await browser.open(place)
    assert "Chance has played its part" in mine.text
    assert mine.form(place).fields[names[0]] == "Daily"
    assert "agrees" not in mine.html
    again = await browser.send(mine.form(place), **{names[0]: "", names[1]: "<b>Okra</b>"})
    assert again.path == "/account/surveys?done=answered"
    assert "&lt;b&gt;okra&lt;/b&gt;" in (await browser.open(place)).html

    taken = await browser.send((await browser.open(place)).form(f"{place}/withdraw"))
    assert "Your answers are deleted." in taken.text
    async with browser.shop.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM survey_answer")) == 0


async def _everything(shop: Shop) -> list[Any]:
    """What the shop offers whoever is logged in."""
    await shop.fill("kale", 4)
    places = ("products", "delivery-windows", "cart", "payment-methods", "privacy/requests")
    found = [(await shop.get(f"/api/v1/{place}")).body for place in places]
    pages = [await Browser(shop).open(path) for path in ("/", "/products/kale", "/checkout", "/orders")]
    found[2].pop("version")
    return [found, [(page.status, page.text) for page in pages]]


async def test_who_answers_and_who_skips_a_survey_are_offered_the_same_at_the_same_price(browser: Browser) -> None:
    """E48."""
    await _opened(browser)
    shop, seen = browser.shop, []
    for email in ("answers@example.com", "skips@example.com", "ignores@example.com"):
        await shop.ask("DELETE", "/api/v1/session")
        shop.client.session.cookie_jar.clear(lambda cookie: "cart" in cookie.key)
        assert (await shop.sign_up(email)).status == 201
        place, names = await _asked(browser)
        if email.startswith("answers"):
            form = (await browser.open(place)).form(place)
            done = await browser.send(form, **{names[0]: "Daily", names[1]: "okra", "agrees": "on"})
            assert done.path.endswith("done=answered")
        elif email.startswith("skips"):
            assert (
                "Nothing changes for you"
                in (await browser.send((await browser.open(place)).form(f"{place}/skip"))).text
            )
        seen.append(await _everything(shop))

    assert seen[0] == seen[1] == seen[2]


def _body(shop: Shop, **but: Any) -> dict[str, Any]:
    today = shop_date(shop.runtime.clock.now())
    question = {"kind": "choice", "words": "How often do you cook?", "why": WHY, "choices": ["Daily", "Hardly ever"]}
    days = {"opens_on": today.isoformat(), "closes_on": (today + timedelta(days=6)).isoformat()}
    return {"title": "How you cook", "questions": [question], **days} | but


async def test_programs_compose_answer_skip_and_take_back(browser: Browser) -> None:
    shop, survey_id = browser.shop, str(new_id())
    staff, mine = f"/api/v1/staff/surveys/{survey_id}", f"/api/v1/surveys/{survey_id}"
    assert (await shop.ask("PUT", staff, json=_body(shop))).status == 401
    await _at_console(browser)
    long = await shop.ask("PUT", staff, json=_body(shop, title="x" * 121))
    names = await shop.ask("PUT", staff, json=_body(shop, questions=[_body(shop)["questions"][0] | {"words": "Name?"}]))
    kept = await shop.ask("PUT", staff, json=_body(shop))
    opened = await shop.ask("POST", f"{staff}/opening")
    assert [long.wrong, names.wrong] == [{"/title"}, {"/questions/0/words"}]
    assert [kept.body["state"], opened.body["state"]] == ["draft", "open"]
    assert (await shop.ask("PUT", staff, json=_body(shop))).problem == "survey-underway"

    await shop.sign_up()
    question = (await shop.get(mine)).body["questions"][0]
    assert question["options"] == ["Daily", "Hardly ever"]

    async def answered(value: str, **but: Any) -> Answer:
        return await shop.ask("PUT", f"{mine}/answers", json={"answers": {question["id"]: value}} | but)

    assert (await answered("Daily")).wrong == {"/agrees"}
    assert (await answered("'; DROP TABLE survey --", agrees=True)).wrong == {f"/answers/{question['id']}"}
    assert (await answered("Daily", agrees=True, policy_version="1\0")).wrong == {"/policy_version"}
    assert (await answered("Daily", agrees=True)).body["answers"] == {question["id"]: "Daily"}
    assert (await shop.get(staff)).body == opened.body, "nothing there says that anybody answered"
    assert (await shop.ask("DELETE", f"{mine}/answers")).body == {"figures_stand": False}
    assert (await shop.ask("POST", f"{mine}/skip")).status == 204
    assert (await shop.get("/api/v1/surveys")).body["surveys"][0]["skipped"]
    assert (await shop.get(staff)).body["people_either_way"] == 18
    assert (await shop.ask("POST", f"{staff}/closing")).body["state"] == "closed"
    assert (await shop.ask("POST", f"{staff}/closing")).problem == "survey-not-open"
    assert (await answered("Daily")).status == 422
