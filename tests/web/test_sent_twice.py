"""A form that is sent twice, as by a double click without JavaScript, makes one thing; with other words another."""

import asyncio
import re
from dataclasses import replace
from io import BytesIO

import pytest_asyncio
import sqlalchemy as sa
from aiohttp import FormData

from kalecart.audits.watch import watch_audits
from kalecart.clock import shop_date
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.office import add, at_the_console, complains, first_of_the_board, told
from tests.web.page import Browser, Form, Page
from tests.web.shop import Shop

SAID = {"findings": "The driver read it out.", "steps": "Labels show a number."}


@pytest_asyncio.fixture
async def manager(shop: Shop, vault: Vault) -> Browser:
    await add(shop, vault, Role.MANAGER)
    return await at_the_console(shop)


async def twice(browser: Browser, form: Form, **typed: str) -> list[Page]:
    """At once, and once more afterwards, from the same page."""
    pages = await asyncio.gather(*(browser.send(form, **typed) for _ in range(2)))
    return [*pages, await browser.send(form, **typed)]


def chosen(page: Page, name: str) -> str:
    """The first that can be chosen."""
    found = re.search(rf'name="{name}".*?<option value="([0-9a-f-]{{36}})"', page.html, re.DOTALL)
    assert found is not None
    return found[1]


async def count(shop: Shop, table: str) -> int:
    async with shop.db.snapshot() as tx:
        return int(await tx.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)  # names of ours


def parts(fields: dict[str, str], *, file: str = "scan", content: bytes = b"") -> FormData:
    """As a form with a file sends them, here as a rule without one."""
    form = FormData()
    for name, value in fields.items():
        if name != file:
            form.add_field(name, value)
    form.add_field(file, BytesIO(content), filename="a" if content else "", content_type="application/octet-stream")
    return form


async def test_paper_that_is_filed_twice_by_one_form_gets_one_number_and_a_second_paper_another(
    shop: Shop, manager: Browser
) -> None:
    board = await manager.open("/staff/paper")
    setting = {"name": "Office 1", "place": "By the door", "holder": chosen(board, "holder")}
    board = await manager.send(board.form("/staff/paper/cabinets"), **setting)
    where = {"cabinet_id": chosen(board, "cabinet_id")}
    wrong = await manager.send(board.form("/staff/paper"), **where, what="delivery", about="nobody@example.org")
    pages = await twice(manager, wrong.form("/staff/paper"), **where, what="delivery", about="")
    another = await manager.send(wrong.form("/staff/paper"), **where, what="complaint", about="")

    assert wrong.status == 422
    assert ([page.status for page in pages], len({page.path for page in pages})) == ([200] * 3, 1)
    assert another.path not in {page.path for page in pages}
    assert await count(shop, "paper_item") == 2
    assert await count(shop, "audit_entry WHERE act = 'paper_filed'") == 2


async def test_an_audit_and_what_it_found_are_written_down_once(shop: Shop, manager: Browser) -> None:
    today = shop_date(shop.runtime.clock.now())
    await watch_audits(None, db=shop.db, clock=shop.runtime.clock)
    page = await manager.open("/staff/audits")
    await twice(manager, page.form("/staff/audits/held"), plan_id=chosen(page, "plan_id"), result="All is locked.")
    page = await manager.open("/staff/audits")
    found = {"words": "A door stood open.", "severity": "minor", "follow_up_by": today.isoformat()}
    found |= {"audit_id": chosen(page, "audit_id"), "clause": "C8"}
    pages = await twice(manager, page.form("/staff/audits/findings"), **found)

    assert [each.status for each in pages] == [200] * 3
    assert (await count(shop, "audit_held"), await count(shop, "audit_finding")) == (1, 1)
    await manager.send(page.form("/staff/audits/findings"), **(found | {"words": "A key lay about."}))
    assert await count(shop, "audit_finding") == 2


async def test_an_audit_that_is_planned_twice_by_one_form_is_one_and_another_title_another(
    shop: Shop, manager: Browser
) -> None:
    page = await manager.open("/staff/audits")
    plan = {"title": "Drivers", "clauses": "C8", "months": "2"}
    pages = await twice(manager, page.form("/staff/audits/plans"), **plan)

    assert [each.status for each in pages] == [200] * 3
    assert await count(shop, "audit_plan WHERE title = 'Drivers'") == 1
    assert await count(shop, "audit_entry WHERE act = 'audit_planned'") == 1
    await manager.send(page.form("/staff/audits/plans"), **(plan | {"title": "Vans"}))
    assert await count(shop, "audit_plan WHERE title IN ('Drivers', 'Vans')") == 2


async def test_a_complaint_an_addition_and_an_answer_are_written_down_once_and_told_by_one_letter(
    shop: Shop, manager: Browser
) -> None:
    visitor = Browser(shop)
    form = (await visitor.open("/complaints")).form("/complaints")
    pages = await twice(visitor, form, concerns="My address was read out loud.", email="bea.quince@example.org")
    keys = [told(page) for page in pages]
    look = (await visitor.open("/complaints/look")).form("/complaints/look")
    opened = await visitor.send(look, **keys[0])
    await twice(visitor, opened.form("/complaints/look/additions"), text="It was on Friday.")
    page = await first_of_the_board(manager)
    answers = await twice(manager, page.form(f"{page.path}/answer"), **SAID, way="mail")

    assert keys == [keys[0]] * 3
    assert [each.status for each in answers] == [200] * 3
    tables = ("complaint", "complaint_addition", "complaint_answer", "task WHERE topic = 'send_mail'")
    assert [await count(shop, table) for table in tables] == [1, 1, 1, 2]


async def test_a_letter_that_staff_write_down_twice_is_one_complaint_with_one_paper(
    shop: Shop, manager: Browser
) -> None:
    keys = told(await complains(Browser(shop), email="bea.quince@example.org"))
    form = (await manager.open("/staff/complaints")).form("/staff/complaints")
    first = {"channel": "post", "concerns": "My name is on a list.", "name": "Lee", "postal": "1 Main St."}
    pages = [await manager._ask("POST", form.action, data=parts(form.fields | first)) for _ in range(2)]
    added = [await manager._ask("POST", form.action, data=parts(form.fields | first | keys)) for _ in range(2)]

    assert [page.status for page in (*pages, *added)] == [200] * 4
    assert (len({page.path for page in pages}), len({page.path for page in added})) == (1, 1)
    assert (await count(shop, "complaint"), await count(shop, "complaint_addition")) == (2, 1)


async def test_a_designation_that_is_made_twice_by_one_form_is_one(shop: Shop, vault: Vault, manager: Browser) -> None:
    await add(shop, vault, Role.ORDERS, "otto@example.com")
    page = await manager.open("/staff/people")
    whom = {"staff_id": chosen(page, "staff_id"), "scope": "complaints"}
    pages = await twice(manager, page.form("/staff/designations"), **whom)

    assert [each.status for each in pages] == [200] * 3
    assert (await count(shop, "designation"), await count(shop, "audit_entry WHERE act = 'designated'")) == (1, 1)
    await manager.send(page.form("/staff/designations"), **whom, ends_at="2026-12-01")
    assert await count(shop, "designation") == 2


async def test_a_training_is_written_down_once_and_another_day_is_another(shop: Shop, manager: Browser) -> None:
    form = (await manager.open("/staff/training")).form("/staff/training")
    whom = {"staff_id": chosen(await manager.open("/staff/training"), "staff_id")}
    pages = await twice(manager, form, **whom)
    before = await count(shop, "training"), await count(shop, "audit_entry WHERE act = 'trained'")
    await manager.send(form, **whom, held_on="2026-10-30")

    assert [page.status for page in pages] == [200] * 3
    assert before == (1, 1)
    assert await count(shop, "training") == 2


async def test_what_came_without_consent_is_sealed_once_and_another_file_of_the_same_size_is_sealed_too(
    shop: Shop, manager: Browser
) -> None:
    refused = await manager._ask(
        "POST", "/staff/sources", data=parts({"key": "1", "channel": "file", "received": "2099-01-01"}, file="content")
    )
    form = refused.form("/staff/sources")
    said = form.fields | {"channel": "file", "received": "2026-11-02", "sender": "partner@example.org"}
    sent = (b"Ana, 1 Main St.", b"Ana, 1 Main St.", b"Bea, 2 Main St.")
    pages = [await manager._ask("POST", form.action, data=parts(said, file="content", content=each)) for each in sent]

    assert (refused.status, [page.status for page in pages]) == (422, [200] * 3)
    assert await count(shop, "unconsented_source") == 2
    assert await count(shop, "task WHERE topic = 'send_mail'") == 2  # stop, and to the manager: again


async def test_the_same_form_sent_by_another_customer_or_to_another_address_makes_a_thing_of_its_own(
    shop: Shop, vault: Vault
) -> None:
    await add(shop, vault, Role.MANAGER)
    ana, bea = Browser(shop), Browser(shop)
    await ana.signed_up()
    form = (await ana.open("/complaints")).form("/complaints")
    first = await ana.send(form, concerns="My address was read out loud.")
    shop.client.session.cookie_jar.clear()
    await bea.signed_up(email="bea.quince@example.org")
    second = await bea.send(form, concerns="My address was read out loud.")
    shop.client.session.cookie_jar.clear()
    manager = await at_the_console(shop)
    cases = [page.path.replace("/account", "/staff") for page in (first, second)]
    answer = (await manager.open(cases[0])).form(f"{cases[0]}/answer")
    answers = [await manager.send(replace(answer, action=f"{case}/answer"), **SAID, way="mail") for case in cases]

    assert [page.status for page in (first, second, *answers)] == [200] * 4
    assert first.path != second.path
    assert (await count(shop, "complaint"), await count(shop, "complaint_answer")) == (2, 2)
