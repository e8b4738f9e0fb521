"""Handing in what was sent without consent: sealed in the console, and nobody sees it there again (C4)."""

from io import BytesIO

import pytest_asyncio
from aiohttp import FormData

from kalecart.sources.source import CONTENT_BYTES_MAX
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

STAFF = "perry@example.com"
PLANTED = b"Planted Neighbor, 1 Planted Street"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault) -> Browser:
    newcomer = NewStaff(name="Perry Privacy", email=STAFF, password=PASSWORD, role=Role.PRIVACY)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
    browser = Browser(shop)
    await browser.send((await browser.open("/staff/sources")).form("/staff/log-in"), email=STAFF, password=PASSWORD)
    return browser


async def _hand_in(browser: Browser, page: Page, content: bytes = PLANTED, **but: str) -> Page:
    form = FormData()
    for name, value in (page.form("/staff/sources").fields | {"channel": "file"} | but).items():
        if name != "content":
            form.add_field(name, value)
    form.add_field("content", BytesIO(content), filename="Planted list.csv", content_type="text/csv")
    return await browser._ask("POST", "/staff/sources", data=form)  # a form with a file


async def test_what_staff_hand_in_is_listed_by_how_and_when_it_came_and_never_by_what_it_says(browser: Browser) -> None:
    page = await browser.open("/staff/sources")
    done = await _hand_in(browser, page, sender="partner@example.org")

    assert done.path == "/staff/sources?recorded"
    assert "Recorded and sealed" in done.text
    assert f"As a file {len(PLANTED)}" in done.text
    assert "Planted" not in done.html
    assert "partner@example.org" not in done.html


async def test_a_file_that_is_too_large_is_refused_with_what_was_typed_still_there(browser: Browser) -> None:
    page = await browser.open("/staff/sources")
    refused = await _hand_in(browser, page, b"x" * (CONTENT_BYTES_MAX + 2), sender="partner@example.org")

    assert refused.status == 422
    assert "It may have up to 5 MB" in refused.text
    assert refused.form("/staff/sources").fields["sender"] == "partner@example.org"
    assert "Nothing so far" in refused.text


async def test_nobody_else_hands_anything_in(browser: Browser) -> None:
    page = await browser.open("/staff/sources")
    await browser.send(page.form("/staff/log-out"))

    sent_away = await _hand_in(browser, page)

    assert sent_away.path == "/staff/log-in"
    assert (await browser.shop.ask("POST", "/staff/sources", data={"channel": "file"})).status == 200
