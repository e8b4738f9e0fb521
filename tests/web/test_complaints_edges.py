"""What is sent that cannot be, what staff hand in and open, and deadlines that nobody but a page notices (C12, C13)."""

from io import BytesIO

import pytest_asyncio
import sqlalchemy as sa
from aiohttp import FormData

from kalecart.complaints.complaint import PAPER_BYTES_MAX, TEXT_BYTES_MAX
from kalecart.complaints.watch import watch_complaints
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.trained import train_all
from tests.web.office import add, answers, at_the_console, complains, first_of_the_board, told
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

PAPER = {
    "channel": "post",
    "received_on": "2026-11-02",
    "concerns": "My address was read out loud",
    "name": "Bea Quince",
}


@pytest_asyncio.fixture
async def perry(shop: Shop, vault: Vault) -> Browser:
    await add(shop, vault)
    return await at_the_console(shop)


async def enters(perry: Browser, scan: bytes = b"", **but: str) -> Page:
    """As the form of the board sends it."""
    form = FormData()
    for name, value in (PAPER | {"postal": "1 Main St., Los Angeles"} | but).items():
        form.add_field(name, value)
    form.add_field("scan", BytesIO(scan), filename="letter.html", content_type="text/html")
    return await perry._ask("POST", "/staff/complaints", data=form)  # a form with a file


async def lodged(shop: Shop) -> int:
    async with shop.db.snapshot() as tx:
        return int(await tx.scalar(sa.text("SELECT count(*) FROM complaint")) or 0)


async def test_a_complaint_of_100_kb_is_refused_with_the_limit_on_the_web_and_kept_whole_at_the_console(
    shop: Shop, perry: Browser
) -> None:
    long = "ha " * (TEXT_BYTES_MAX // 3)
    on_the_web = await complains(Browser(shop), text=long, email="bea.quince@example.org")
    nothing = await lodged(shop)
    too_long = await enters(perry, text=long + "haha")
    whole = await enters(perry, text=long)

    assert (on_the_web.status, "64 kB" in on_the_web.text, nothing) == (413, True, 0)
    assert (too_long.status, "up to 100 kB" in too_long.text) == (422, True)
    assert long + "haha" in too_long.html
    assert long.strip() in whole.html


async def test_thirty_megabytes_attached_are_refused_with_the_limit_and_nothing_that_was_typed_is_lost(
    shop: Shop, perry: Browser
) -> None:
    refused = await enters(perry, bytes(3 * PAPER_BYTES_MAX))

    assert (refused.status, "up to 10 MB" in refused.text, await lodged(shop)) == (422, True, 0)
    assert "My address was read out loud" in refused.html
    assert "scan-error" in refused.html


async def test_what_came_by_post_is_shown_with_its_day_and_no_hour(shop: Shop, vault: Vault, clock: FakeClock) -> None:
    await add(shop, vault)
    clock.advance(days=2)
    perry = await at_the_console(shop)

    pages = [await enters(perry, received_on="2026-11-03"), await perry.open("/staff/complaints")]

    assert [("Tue, Nov 3" in page.text, "12:00 AM" in page.text) for page in pages] == [(True, False)] * 2


async def test_a_receipt_in_the_future_or_before_the_shop_is_refused_beside_its_field(
    shop: Shop, perry: Browser
) -> None:
    for day in ("2026-11-03", "2001-01-01", "soon", ""):
        refused = await enters(perry, received_on=day)
        assert (refused.status, "received_on-error" in refused.html) == (422, True), day
    assert await lodged(shop) == 0


async def test_steps_that_would_let_a_complaint_slip_through_are_refused_and_what_was_typed_stays(
    shop: Shop, vault: Vault
) -> None:
    await add(shop, vault, Role.MANAGER)
    perry = await at_the_console(shop)
    form = (await perry.open("/staff/complaints")).form("/staff/complaints/ladder")
    late = {name: value for name, value in form.fields.items() if not name.startswith("manager-")}
    form.fields = late | {"day-0": "7"}
    refused = await perry.send(form)
    form.fields = form.fields | {"day-1": "31"}
    no_last = await perry.send(form)

    assert (refused.status, "The manager has to hear of it before" in refused.text) == (422, True)
    assert 'name="day-0" value="7"' in refused.html
    assert (no_last.status, "from 1 to 30" in no_last.text) == (422, True)


async def test_an_answer_to_whoever_has_no_mailbox_is_posted_and_never_sent_by_mail(perry: Browser) -> None:
    await enters(perry)
    by_mail = await answers(perry, way="mail")

    assert (by_mail.status, "answer on paper" in by_mail.text) == (422, True)
    assert "Labels show a number." in by_mail.html
    assert "Answer went out" in (await answers(perry)).text


async def test_a_scan_is_a_file_to_keep_and_never_a_page_and_whoever_opens_it_is_on_record(
    shop: Shop, vault: Vault, perry: Browser
) -> None:
    letter = b"<script>alert(1)</script>"
    await enters(perry, letter, about_manager="on")
    page = await first_of_the_board(perry)
    (at,) = [part.partition('"')[0] for part in page.html.split('href="') if "/scans/" in part.partition('"')[0]]
    scan = await perry.open(at)
    gone = await perry.open(f"{at[:-4]}0000")
    async with shop.db.snapshot() as tx:
        acts = "SELECT count(*) FROM audit_entry WHERE act = 'complaint_scan_opened'"
        opened = await tx.scalar(sa.text(acts))

    assert (scan.status, scan.html.encode()) == (200, letter)
    assert scan.headers["Content-Type"] == "application/octet-stream"
    assert scan.headers["Content-Disposition"].startswith('attachment; filename="complaint-')
    assert (scan.headers["X-Content-Type-Options"], scan.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert (gone.status, opened) == (404, 1)
    await add(shop, vault, Role.ORDERS, "otto@example.com")
    await shop.ask("POST", "/api/v1/staff/session", json={"email": "otto@example.com", "password": PASSWORD})
    assert (await perry.open(at)).status == 403


async def test_programs_of_staff_write_down_what_came_by_post(shop: Shop, perry: Browser) -> None:
    paper = {
        "channel": "post",
        "received_at": "2026-11-02T18:00:00Z",
        "concerns": ["My address."],
        "name": "Bea Quince",
    }
    at = "/api/v1/staff/complaints"
    made = await shop.ask("POST", at, json=paper | {"postal": "1 Main St., Los Angeles"})
    no_way = await shop.ask("POST", at, json=paper)
    future = await shop.ask("POST", at, json=paper | {"email": "b@example.org", "received_at": "2027-01-01T00:00:00Z"})

    assert (made.status, made.body["channel"], made.body["standing"]) == (201, "post", "on_time")
    assert (no_way.status, no_way.wrong) == (422, {"/postal"})
    assert (future.status, future.wrong) == (422, {"/received_at"})


async def test_with_no_scheduler_at_all_the_board_takes_the_steps_that_began_and_every_page_tells_the_truth(
    shop: Shop, vault: Vault, clock: FakeClock
) -> None:
    await add(shop, vault, Role.MANAGER)
    keys = told(await complains(Browser(shop), email="bea.quince@example.org"))
    clock.advance(days=31)
    await train_all(shop.db, clock)
    console = await at_the_console(shop)
    board = await console.open("/staff/complaints")
    async with shop.db.transaction() as tx:
        case = await tx.scalar(sa.text("SELECT id FROM complaint"))
        forgotten = sa.text("UPDATE complaint_step SET told = told || gen_random_uuid() WHERE step = 'breach'")
        await tx.execute(forgotten)
    page = await console.open(f"/staff/complaints/{case}")
    visitor = Browser(shop)
    seen = await visitor.send((await visitor.open("/complaints/look")).form("/complaints/look"), **keys)
    async with shop.db.snapshot() as tx:
        steps = (await tx.execute(sa.text("SELECT step FROM complaint_step ORDER BY due_at"))).scalars().all()

    assert "1 is late." in board.text
    assert "we have not, and that is our fault" in seen.text
    # All began at once: the last was told, by name.
    assert "The thirty days were over: told Perry Privacy, somebody who left" in page.text
    assert page.text.count(": told") == 1
    assert steps == ["day_3", "day_15", "day_21", "day_25", "day_28", "day_30", "breach"]


async def test_a_complaint_that_is_late_makes_its_promise_wrong_until_it_is_answered(
    shop: Shop, clock: FakeClock
) -> None:
    await complains(Browser(shop), email="bea.quince@example.org")
    clock.advance(days=31)
    await watch_complaints(None, db=shop.db, clock=clock)
    late = await shop.get("/api/v1/promises")
    promise = next(each for each in late.body["promises"] if each["clause"] == "C13")

    assert promise["wrong"]
    assert {each["name"]: each["state"] for each in promise["controls"]}["complaints"] == "broken"
    assert ("Complaints without an answer beyond their thirty days", True) in [
        (each["words"], each["wrong"]) for each in promise["figures"]
    ]
