"""Your data: asked for on the account page or without a log-in, decided about in the console, downloaded once (C10)."""

import io
import json
import zipfile
from time import monotonic
from uuid import UUID

import pytest_asyncio

from kalecart import tasks
from kalecart.database import Database
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.codes import code_of
from kalecart.privacy.fulfil import fulfil_request
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop
from web.pages.public_requests import ANSWER_TAKES_S

ADMIN, PICKER = "privacy@example.com", "orders@example.com"


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault, clock: FakeClock) -> Browser:
    for email, role in ((ADMIN, Role.PRIVACY), (PICKER, Role.ORDERS)):
        newcomer = NewStaff(name="Sam Staff", email=email, password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    return Browser(shop)


async def _works(shop: Shop, db: Database, vault: Vault) -> None:
    """What the privacy worker does with what was promised to it."""
    clock = shop.runtime.clock
    async with db.direct() as pg:
        held = (await tasks.claim_due(pg, ["fulfil_request"], most=1, now=clock.now()))[0]
    asked = RequestId(shop.id_in(f"/{held.arguments['request_id']}"))
    await fulfil_request(asked, held, db=db, vault=vault, clock=clock, gateway=shop.runtime.gateway)


async def _at_console(browser: Browser, email: str) -> Page:
    form = (await browser.open("/staff/log-in")).form("/staff/log-in")
    return await browser.send(form, email=email, password=PASSWORD)


async def test_a_customer_asks_on_the_account_page_and_downloads_the_answer_once(
    browser: Browser, shop: Shop, db: Database, vault: Vault
) -> None:
    await browser.press(await browser.open("/"), "kale:6")
    await browser.signed_up()
    page = await browser.send((await browser.open("/account/data")).form("/account/data"), kind="access", password="no")
    assert "This is not your password." in page.text
    page = await browser.send(page.form("/account/data"), kind="access", password=PASSWORD)
    assert "Being worked on" in page.text

    await _works(shop, db, vault)

    listed = (await shop.get("/api/v1/privacy/requests")).body["requests"][0]
    assert (listed["state"], listed["package"]["available"]) == ("answered", True)
    path = f"/api/v1/privacy/requests/{listed['request_id']}"
    link = (await shop.ask("POST", f"{path}/link", json={"password": PASSWORD})).body["link"]
    async with shop.client.get(f"{path}/package?link={link}") as got:
        assert (got.status, got.headers["Cache-Control"]) == (200, "no-store")
        with zipfile.ZipFile(io.BytesIO(await got.read())) as packed:
            assert "Ana Shopper" in packed.read("report.html").decode()
            assert json.loads(packed.read("manifest.json"))["records"] == listed["package"]["records"]
    again = await shop.get(f"{path}/package?link={link}")
    assert (again.status, again.problem) == (404, "no-such-package")
    assert "Download" in (await browser.open("/account/data")).text


async def test_without_a_log_in_the_page_says_the_same_whether_we_know_the_address_or_not(browser: Browser) -> None:
    """E53."""
    await browser.signed_up()
    said, took = [], []
    for email in ("ana@example.com", "nobody@example.org"):
        form = (await browser.open("/privacy/requests")).form("/privacy/requests")
        begun = monotonic()
        page = await browser.send(form, kind="access", email=email)
        refused = await browser.send(page.form(page.path), code="AAAAAAAAAA", postal_code="00000")
        took.append(monotonic() - begun)
        said.append((page.text, refused.status, refused.text))

    assert said[0] == said[1]
    assert min(took) >= 2 * ANSWER_TAKES_S  # neither answer comes as soon as it is known
    assert "who you are" in said[0][2].lower()


async def test_who_asked_twice_and_proves_it_on_the_later_page_is_led_to_the_request_that_is_answered(
    browser: Browser, db: Database, vault: Vault, clock: FakeClock
) -> None:
    """E57: both letters lead there, and so does a page that was left open."""
    await browser.signed_up()
    pages = []
    for _ in range(2):
        form = (await browser.open("/privacy/requests")).form("/privacy/requests")
        pages.append(await browser.send(form, kind="access", email="ana@example.com"))
    first, later = (page.path for page in pages)
    asked = RequestId(UUID(first.rpartition("/")[2]))
    async with db.snapshot() as tx:
        ana = (await reads.shown(tx, asked)).request.person
        code = await code_of(tx, asked, ana.id, vault=vault, now=clock.now())

    form = pages[1].form(later)
    page = await browser.send(form, code=code or "", postal_code="90013", phone="(213) 555-0123", declared="on")

    assert (page.path, "We know that it is you" in page.text) == (first, True)
    assert "We know that it is you" not in (await browser.open(later)).text


async def test_the_privacy_administrator_opens_on_requests_and_decides_and_others_may_not(browser: Browser) -> None:
    """E56, E82."""
    await browser.signed_up()
    board = await _at_console(browser, ADMIN)
    assert board.path == "/staff/requests"
    page = await browser.send(
        board.form("/staff/requests"), kind="access", channel="post", email="ana@example.com", received_on="2026-10-30"
    )
    assert "November 29" in page.text
    assert ("Fri, Oct 30" in page.text, "12:00 AM" in page.text) == (True, False)
    assert "Ana Shopper" not in page.html

    page = await browser.send(page.form(f"{page.path}/refusal"), reason="other_individual")

    assert "Refused" in page.text
    await browser.send(page.form("/staff/log-out"))
    assert (await _at_console(browser, PICKER)).path == "/staff/orders"
    assert (await browser.open("/staff/requests")).status == 403
