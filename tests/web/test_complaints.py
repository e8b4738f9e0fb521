"""Complaints on the web, from the form to the answer, and as programs handle them (C12, C13)."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart.complaints import store
from kalecart.complaints.tables import complaint_answer
from kalecart.ids import new_id
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.office import STAFF, add, answers, at_the_console, complains, told
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop


@pytest_asyncio.fixture
async def perry(shop: Shop, vault: Vault) -> Browser:
    """A member of staff at the console."""
    await add(shop, vault)
    return await at_the_console(shop)


async def test_the_form_names_the_person_responsible_and_the_address(shop: Shop) -> None:
    page = await Browser(shop).open("/complaints")

    for fact in ("Ryan Matteson", "KaleCart, LLC", "460 S. Spring St. #913", "CA 90013", "ryan@kalecart.com"):
        assert fact in page.text


async def test_without_an_account_number_and_code_open_it_and_an_answer_is_in_the_letter_alone(
    shop: Shop, perry: Browser
) -> None:
    visitor = Browser(shop)
    keys = told(await complains(visitor, email="bea.quince@example.org"))
    look = (await visitor.open("/complaints/look")).form("/complaints/look")
    open_one = await visitor.send(look, **keys)
    wrong = await visitor.send(look, number=keys["number"], code="AAAAAAAAAA")
    more = await visitor.send(open_one.form("/complaints/look/additions"), text="It was on Friday.")
    answered = await answers(perry)
    seen = await visitor.send(look, **keys)

    assert "Being looked into" in open_one.text
    assert (wrong.status, "do not belong together" in wrong.text) == (422, True)
    assert "It was on Friday." in more.text
    assert "The driver read it out." in answered.text
    assert "For your safety it is not shown" in seen.text
    assert "The driver read it out." not in seen.text


async def test_a_customer_sees_the_answer_and_says_that_it_is_not_resolved(shop: Shop, perry: Browser) -> None:
    await shop.sign_up()
    customer = Browser(shop)
    mine = await complains(customer)
    assert mine.path.startswith("/account/complaints/")
    await perry.open("/staff")
    await answers(perry)
    answered = await customer.open(mine.path)
    again = await customer.send(answered.form(f"{mine.path}/again"), concerns="They did it again.")
    listed = await customer.open("/account/complaints")

    assert "The driver read it out." in answered.text
    assert "They did it again." in again.text
    assert listed.html.count('href="/account/complaints/') == 2


async def test_whoever_opens_a_complaint_whose_answer_came_back_is_asked_for_another_way(
    shop: Shop, perry: Browser
) -> None:
    await complains(Browser(shop), email="bea.quince@example.org")
    answered = await answers(perry)
    now = shop.runtime.clock.now()
    async with shop.db.transaction() as tx:
        answer_id = await tx.scalar(sa.select(complaint_answer.c.id))
        assert answer_id is not None
        await store.answer_sent(tx, answer_id, now=now)
        await store.answer_bounced(tx, answer_id, now=now)

    page = await perry.open(answered.path)

    assert "The last answer came back, so it is none." in page.text
    assert page.form(f"{answered.path}/answer")


async def test_an_answer_without_findings_or_steps_says_which_is_missing_and_keeps_what_was_typed(
    shop: Shop, perry: Browser
) -> None:
    await complains(Browser(shop), email="bea.quince@example.org")
    refused = await answers(perry, findings=" ")

    assert refused.status == 422
    assert "Say what you found." in refused.text
    assert "Labels show a number." in refused.html


async def test_what_says_nothing_is_refused_and_a_script_is_text(shop: Shop) -> None:
    visitor = Browser(shop)
    page = await visitor.open("/complaints")
    nothing = await visitor.send(page.form("/complaints"), concerns=" \n ", email="bea.quince@example.org")
    script = "<script>alert(1)</script>"
    keys = told(await visitor.send(page.form("/complaints"), concerns=script, email="bea.quince@example.org"))
    seen = await visitor.send((await visitor.open("/complaints/look")).form("/complaints/look"), **keys)

    assert (nothing.status, "Write down what your complaint is about." in nothing.text) == (422, True)
    assert script in seen.text
    assert script not in seen.html


async def test_every_problem_of_the_form_is_told_at_once_and_what_was_typed_to_a_complaint_is_not_lost(
    shop: Shop, perry: Browser
) -> None:
    visitor = Browser(shop)
    nothing = await complains(visitor, concerns=" ", email="nobody")
    keys = told(await complains(visitor, email="bea.quince@example.org"))
    await answers(perry)
    look = (await visitor.open("/complaints/look")).form("/complaints/look")
    again = (await visitor.send(look, **keys)).form("/complaints/look/again")
    refused = await visitor.send(again, concerns="ha " * 1_000)

    assert [field for field in ("concerns", "email") if f'id="{field}-error"' in nothing.html] == ["concerns", "email"]
    assert (refused.status, "ha ha ha" in refused.html) == (422, True)


async def test_programs_are_told_of_everything_that_is_wrong_with_a_complaint_at_once(shop: Shop) -> None:
    nothing = await shop.ask("POST", "/api/v1/complaints", json={"concerns": [" "], "email": "nobody"})

    assert (nothing.status, nothing.wrong) == (422, {"/concerns", "/email"})


async def test_programs_complain_look_and_answer(shop: Shop, vault: Vault) -> None:
    await add(shop, vault)
    await shop.sign_up()
    made = await shop.ask("POST", "/api/v1/complaints", json={"concerns": ["My address was read out loud."]})
    at = f"/api/v1/complaints/{made.body['complaint_id']}"
    seen = await shop.get(at)
    early = await shop.ask("POST", f"{at}/again", json={"concerns": ["Still."]})
    await shop.ask("POST", "/api/v1/staff/session", json={"email": STAFF, "password": PASSWORD})
    board = (await shop.get("/api/v1/staff/complaints")).body["complaints"]
    half = await shop.ask("POST", f"/api/v1/staff{at[7:]}/answer", json={"findings": "We looked.", "steps": " "})
    said = {"findings": "We looked.", "steps": "We stop it.", "posted_at": made.body["received_at"]}
    answered = await shop.ask("POST", f"/api/v1/staff{at[7:]}/answer", json=said)

    assert (made.status, made.body["standing"], made.body["code"]) == (201, "on_time", None)
    assert seen.body["concerns"] == ["My address was read out loud."]
    assert (early.status, early.problem) == (409, "complaint-moved-on")
    assert [each["number"] for each in board] == [made.body["number"]]
    assert (half.status, half.wrong) == (422, {"/steps"})
    assert (answered.status, answered.body["standing"]) == (200, "answered")
    assert (await shop.get(f"/api/v1/complaints/{new_id()}")).status == 404


async def test_staff_without_the_right_and_strangers_see_no_complaint(shop: Shop, vault: Vault) -> None:
    await add(shop, vault, Role.ORDERS)
    assert (await shop.get("/api/v1/staff/complaints")).status == 401
    await shop.ask("POST", "/api/v1/staff/session", json={"email": STAFF, "password": PASSWORD})

    assert (await shop.get("/api/v1/staff/complaints")).status == 403
