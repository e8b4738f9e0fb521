"""The acknowledgement on paper at the console: printed, posted, written down; and for programs of staff (C12, E82)."""

import re

import pytest_asyncio
import sqlalchemy as sa

from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.pdf_text import text_of
from tests.web.office import add, at_the_console
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop

AT = "/api/v1/staff/complaints"
PAPER = {
    "channel": "post",
    "received_at": "2026-11-02T18:00:00Z",
    "concerns": ["My address was read out loud."],
    "name": "Bea Quince",
    "postal": "1 Main St., Los Angeles",
}


@pytest_asyncio.fixture
async def perry(shop: Shop, vault: Vault) -> Browser:
    await add(shop, vault)
    return await at_the_console(shop)


async def test_what_is_to_be_posted_is_counted_printed_as_a_file_on_record_and_written_down_once(
    shop: Shop, perry: Browser
) -> None:
    await shop.ask("POST", AT, json=PAPER)
    await shop.ask("POST", AT, json=PAPER | {"email": "bea.quince@example.org", "postal": ""})
    board = await perry.open("/staff/complaints?post=1")
    (where,) = re.findall(r'href="(/staff/complaints/[0-9a-f-]{36})"', board.html)
    page = await perry.open(where)
    at = f"{where}/acknowledgement"
    async with shop.client.get(at) as printed:
        pdf, headers = await printed.read(), printed.headers.copy()
    form = page.form(at)
    future = await perry.send(form, acknowledged_on="2026-11-03")
    no_day = await perry.send(form, acknowledged_on="yesterday")
    done = await perry.send(form)
    again = await perry.send(form)
    async with shop.db.snapshot() as tx:
        looks = await tx.scalar(sa.text("SELECT count(*) FROM audit_entry WHERE act = 'acknowledgement_printed'"))

    assert "1 letter to be posted." in board.text
    assert board.html.count('<th scope="row">') == 1
    assert "To be posted: the acknowledgement" in page.text
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert headers["Content-Disposition"].startswith('attachment; filename="complaint-')
    assert "BeaQuince" in "".join(text_of(pdf).split())
    for refused in (future, no_day):
        assert (refused.status, "acknowledged_on-error" in refused.html) == (422, True)
    assert ("Acknowledgement posted" in done.text, "To be posted" in done.text) == (True, False)
    assert (again.status, looks) == (409, 1)
    assert "to be posted" not in (await perry.open("/staff/complaints")).text


async def test_programs_of_staff_print_it_and_say_when_it_was_posted(shop: Shop, vault: Vault, perry: Browser) -> None:
    made = (await shop.ask("POST", AT, json=PAPER)).body
    at = f"{AT}/{made['complaint_id']}/acknowledgement"
    listed = (await shop.get(f"{AT}?to_post=true")).body["complaints"]
    async with shop.client.get(at) as printed:
        pdf = await printed.read()
    before = await shop.ask("POST", at, json={"posted_at": "2026-11-01T20:00:00Z"})
    posted = await shop.ask("POST", at, json={"posted_at": "2026-11-02T18:00:00Z"})
    again = await shop.ask("POST", at, json={"posted_at": "2026-11-02T18:00:00Z"})

    assert [(each["number"], each["on_paper"], each["acknowledged_at"]) for each in listed] == [
        (made["number"], True, None)
    ]
    assert made["number"] in "".join(text_of(pdf).split())
    assert (before.status, before.wrong) == (422, {"/posted_at"})
    assert (posted.status, posted.body["acknowledged_at"]) == (200, "2026-11-02T18:00:00Z")
    assert again.status == 409
    await add(shop, vault, Role.ORDERS, "otto@example.com")
    await shop.ask("POST", "/api/v1/staff/session", json={"email": "otto@example.com", "password": PASSWORD})
    assert [(await shop.get(at)).status, (await shop.ask("POST", at, json={})).status] == [403, 403]
