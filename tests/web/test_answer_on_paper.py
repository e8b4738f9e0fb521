"""An answer on paper at the console: signed, printed, posted, brought back; and for programs of staff (C13, E86)."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.pdf_text import text_of
from tests.trained import train_all
from tests.web.office import add, at_the_console, complains, first_of_the_board, told
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop
from tests.web.test_acknowledgement import AT, PAPER

SAID = {"findings": "The driver read it out.", "steps": "Labels show a number."}


@pytest_asyncio.fixture
async def perry(shop: Shop, vault: Vault) -> Browser:
    await add(shop, vault)
    return await at_the_console(shop)


async def signed(perry: Browser) -> Page:
    page = await first_of_the_board(perry)
    return await perry.send(page.form(f"{page.path}/answer"), **SAID)


async def test_whoever_is_reached_on_paper_alone_is_answered_by_a_letter_that_is_printed_and_then_posted(
    shop: Shop, perry: Browser
) -> None:
    await shop.ask("POST", AT, json=PAPER)
    page = await first_of_the_board(perry)
    waits = await signed(perry)
    board = await perry.open("/staff/complaints?post=1")
    at = f"{page.path}/answer"
    async with shop.client.get(at) as printed:
        pdf, headers = await printed.read(), printed.headers.copy()
    form = waits.form(f"{at}/posted")
    refused = [await perry.send(form, posted_on=day) for day in ("2026-11-03", "2026-11-01", "yesterday", "")]
    done = await perry.send(form)
    again = await perry.send(form)
    async with shop.db.snapshot() as tx:
        found = "SELECT act FROM audit_entry WHERE act IN ('complaint_answered', 'answer_printed', 'answer_posted')"
        acts = list(await tx.scalars(sa.text(f"{found} ORDER BY at, act DESC")))

    assert "How it goes" not in page.text
    assert ("To be posted: the answer" in waits.text, "Answer it" in waits.text) == (True, True)
    assert "To be posted: the acknowledgement" not in waits.text
    assert "1 letter to be posted." in board.text
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert "Bea" not in headers["Content-Disposition"]
    assert "Thedriverreaditout." in "".join(text_of(pdf).split())
    assert [(each.status, "posted_on-error" in each.html) for each in refused] == [(422, True)] * 4
    assert ("Answer went out" in done.text, "To be posted" in done.text) == (True, False)
    assert (again.status, sorted(acts)) == (409, ["answer_posted", "answer_printed", "complaint_answered"])


async def test_an_answer_that_the_post_brings_back_asks_for_another_address_and_is_taken_back_once(
    shop: Shop, perry: Browser
) -> None:
    await shop.ask("POST", AT, json=PAPER)
    waits = await signed(perry)
    posted = await perry.send(waits.form(f"{waits.path}/answer/posted"))
    form = posted.form(f"{waits.path}/answer/returned")
    back = await perry.send(form)
    again = await perry.send(form)

    assert "Posted" in posted.text
    assert "Nobody got it there: ask for an address that works." in back.text
    assert ("Answer came back" in back.text, f"{waits.path}/answer/returned" in back.html) == (True, False)
    assert "1 Main St., Los Angeles" in back.html
    assert (again.status, "came back before" in again.text) == (409, True)


async def test_a_late_answer_that_is_explained_after_it_was_posted_is_explained_by_a_letter_of_its_own(
    shop: Shop, perry: Browser, clock: FakeClock
) -> None:
    await shop.ask("POST", AT, json=PAPER)
    at = (await first_of_the_board(perry)).path
    clock.advance(days=40)
    await train_all(shop.db, clock)
    perry = await at_the_console(shop)
    waits = await signed(perry)
    posted = await perry.send(waits.form(f"{at}/answer/posted"))
    early = await shop.get(f"/api/v1{at}/explanation")
    explained = await perry.send(posted.form(f"{at}/explanation"), explanation="It lay under other papers.")
    letters = []
    for path in (f"{at}/explanation", f"/api/v1{at}/explanation"):
        async with shop.client.get(path) as printed:
            letters.append("".join(text_of(await printed.read()).split()))
    after = await perry.open(at)

    assert ("why it was late" in posted.text, early.status) == (False, 404)
    assert "To be posted: why it was late" in explained.text
    assert [("Itlayunderotherpapers." in each, "12,2026" in each) for each in letters] == [(True, True)] * 2
    assert "Printed: why it was late" in after.text


async def test_what_is_answered_anew_begins_with_what_was_answered_and_boxes_in_the_letter_are_told(
    shop: Shop, perry: Browser
) -> None:
    await shop.ask("POST", AT, json=PAPER | {"name": "王小明"})
    waits = await signed(perry)
    posted = await perry.send(waits.form(f"{waits.path}/answer/posted"))
    back = await perry.send(posted.form(f"{waits.path}/answer/returned"))

    assert [f">{words}</textarea>" in back.html for words in SAID.values()] == [True, True]
    assert "王小明 1 Main St." in waits.text
    assert "no type for 王小明 : write that in by hand" in waits.text
    assert "write that in by hand" not in back.text


async def test_whoever_has_an_older_answer_before_them_says_of_no_other_that_it_was_posted_or_came_back(
    shop: Shop, perry: Browser, clock: FakeClock
) -> None:
    await shop.ask("POST", AT, json=PAPER)
    first = await signed(perry)
    clock.advance(minutes=1)
    second = await perry.send(first.form(f"{first.path}/answer"), **(SAID | {"findings": "It was he."}))
    stale = await perry.send(first.form(f"{first.path}/answer/posted"))
    posted = await perry.send(second.form(f"{first.path}/answer/posted"))
    back = posted.form(f"{first.path}/answer/returned")
    clock.advance(minutes=1)
    third = await perry.send((await perry.send(back)).form(f"{first.path}/answer"), postal="9 New Rd.", **SAID)
    await perry.send(third.form(f"{first.path}/answer/posted"))
    again = await perry.send(back)

    assert [(page.status, "Another answer was signed meanwhile" in page.text) for page in (stale, again)] == [
        (409, True),
        (409, True),
    ]
    assert "Answered" in (await perry.open(first.path)).text


async def test_whoever_looks_by_number_and_code_reads_of_an_answer_on_paper_once_it_was_posted(
    shop: Shop, perry: Browser
) -> None:
    visitor = Browser(shop)
    keys = told(await complains(visitor, email="bea.quince@example.org"))
    look = (await visitor.open("/complaints/look")).form("/complaints/look")
    page = await first_of_the_board(perry)
    by_post = SAID | {"way": "post"}
    nowhere = await perry.send(page.form(f"{page.path}/answer"), **by_post)
    waits = await perry.send(page.form(f"{page.path}/answer"), **by_post, postal="1 Main St.")
    before = await visitor.send(look, **keys)
    await perry.send(waits.form(f"{page.path}/answer/posted"))
    after = await visitor.send(look, **keys)

    assert (nowhere.status, "postal-error" in nowhere.html) == (422, True)
    assert "Our answer" not in before.text
    assert "by post" in after.text


async def test_programs_of_staff_answer_on_paper_print_it_and_say_when_it_was_posted_or_came_back(
    shop: Shop, vault: Vault, perry: Browser, clock: FakeClock
) -> None:
    made = (await shop.ask("POST", AT, json=PAPER)).body
    at = f"{AT}/{made['complaint_id']}/answer"
    body = {"findings": "We looked.", "steps": "We stop it."}
    by_mail = await shop.ask("POST", at, json=body)
    waiting = await shop.ask("POST", at, json=body | {"on_paper": True})
    async with shop.client.get(at) as printed:
        pdf = await printed.read()
    this = {"answer_id": waiting.body["answers"][0]["answer_id"]}
    now, another = {"posted_at": clock.now().isoformat()}, {"answer_id": made["complaint_id"]}
    before = await shop.ask("POST", f"{at}/posted", json=this | {"posted_at": "2026-11-01T18:00:00Z"})
    wrong = [await shop.ask("POST", f"{at}/posted", json=another | now)]
    posted = await shop.ask("POST", f"{at}/posted", json=this | now)
    again = await shop.ask("POST", f"{at}/posted", json=this | now)
    wrong += [await shop.ask("POST", f"{at}/returned", json=another), await shop.ask("POST", f"{at}/returned", json={})]
    back = await shop.ask("POST", f"{at}/returned", json=this)

    assert (by_mail.status, by_mail.wrong) == (422, {"/on_paper"})
    assert (waiting.status, waiting.body["standing"]) == (200, "on_time")
    assert waiting.body["answers"][0]["sent_at"] is None
    assert "Westopit." in "".join(text_of(pdf).split())
    assert (before.status, before.wrong) == (422, {"/posted_at"})
    assert (posted.status, posted.body["standing"], again.status) == (200, "answered", 409)
    assert (back.status, back.body["standing"]) == (200, "on_time")
    assert [each.status for each in wrong] == [409, 409, 422]
    await add(shop, vault, Role.ORDERS, "otto@example.com")
    await shop.ask("POST", "/api/v1/staff/session", json={"email": "otto@example.com", "password": PASSWORD})
    refused = [
        await shop.get(at),
        *[await shop.ask("POST", f"{at}/{act}", json=this | now) for act in ("posted", "returned")],
    ]
    assert [each.status for each in refused] == [403, 403, 403]
