"""What is kept back, as staff decide it and as the person sees it and answers, on pages and over the API (C11, E62)."""

from dataclasses import replace

import pytest_asyncio

from kalecart.ids import TaskId
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.reads import message
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.web.office import enters, two_at_work
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop
from tests.web.works import work
from workers.broker import PERFORMERS
from workers.performing import perform_task


@pytest_asyncio.fixture
async def browser(shop: Shop, vault: Vault) -> Browser:
    return await two_at_work(shop, vault)


async def _letter_says(browser: Browser, words: str) -> None:
    """The mail worker writes what was promised; who looks sees it as it would be sent now."""
    shop = browser.shop
    async with shop.db.direct() as pg:
        promised = await pg.fetchval(
            "SELECT id FROM task WHERE topic = 'send_mail' AND arguments->>'kind' = 'request_cost'"
        )
    await perform_task(TaskId(promised), PERFORMERS[SendMail], replace(shop.runtime, db=shop.db))
    async with shop.db.direct() as pg:
        letter = await pg.fetchval("SELECT id FROM mail WHERE kind = 'request_cost'")
    async with shop.db.snapshot() as tx:
        written = await compose(
            tx,
            await message(tx, letter),
            vault=shop.runtime.vault,
            public_url="http://shop.test",
            now=shop.runtime.clock.now(),
        )
    assert written is not None
    assert all(words in text and "$120.00" in text for text in (" ".join(written.text.split()), written.html))


async def test_an_estimate_is_told_answered_and_signed_before_anything_is_kept_back_for_it(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    await browser.signed_up()
    asked = await browser.send(
        (await browser.open("/account/data")).form("/account/data"), kind="access", password=PASSWORD
    )
    assert "Being worked on" in asked.text
    request_id = (await shop.get("/api/v1/privacy/requests")).body["requests"][0]["request_id"]
    ana = {cookie.key: cookie.value for cookie in shop.client.session.cookie_jar}
    at = f"/staff/requests/{request_id}"

    page = await enters(browser, Role.PRIVACY)
    page = await browser.open(at)
    form = page.form(f"{at}/kept-back")
    refused = await browser.send(form, what="paper", ground="cost", estimate="")
    assert (refused.status, "Give an amount between" in refused.text) == (422, True)
    page = await browser.send(form, what="paper", ground="cost", estimate="$120")
    assert "Told what it would cost" in page.text
    assert "$120.00" in page.text
    assert f"{at}/kept-back/paper/signature" not in page.read.forms
    await _letter_says(browser, "Paper with your name on it in our cabinets")
    page = await browser.open(at)
    page = await browser.send(page.form(f"{at}/kept-back"), what="order_event", ground="law", estimate="")
    page = await browser.send(page.form(f"{at}/kept-back/order_event/lift"))
    assert "Handed over after all" in page.text

    shop.client.session.cookie_jar.clear()
    shop.client.session.cookie_jar.update_cookies(ana)
    clock.advance(days=1)
    mine = await browser.open("/account/data")
    assert "about $120.00" in mine.text
    mine = await browser.send(mine.form(f"/account/data/{request_id}/estimates/paper"), answer="narrowed")
    assert "you asked for less" in mine.text
    api = f"/api/v1/privacy/requests/{request_id}"
    again = await shop.ask("POST", f"{api}/restrictions/paper/answer", json={"answer": "accepted"})
    assert (again.status, again.problem) == (409, "restriction-moved-on")
    paper = next(each for each in (await shop.get(api)).body["restrictions"] if each["what"] == "paper")
    assert (paper["step"], paper["in_force"], paper["estimate_cents"]) == ("narrowed", False, 12_000)

    await enters(browser, Role.MANAGER)
    page = await browser.open(at)
    page = await browser.send(page.form(f"{at}/kept-back/paper/signature"))
    await work(shop)
    page = await browser.open(at)
    assert "Package made" in page.text
    assert "Kept back, signed" in page.text
    assert "all but the last twelve months" in page.text


async def test_programs_of_staff_keep_back_lift_and_sign_and_who_may_not_is_refused(
    browser: Browser, shop: Shop, clock: FakeClock
) -> None:
    await browser.signed_up()
    await enters(browser, Role.PRIVACY)
    received = shop.runtime.clock.now().isoformat().replace("+00:00", "Z")
    came = {"kind": "access", "channel": "post", "email": "ana@example.com", "received_at": received}
    made = (await shop.ask("POST", "/api/v1/staff/privacy/requests", json=came)).body["request_id"]
    at = f"/api/v1/staff/privacy/requests/{made}/restrictions"

    nothing = await shop.ask("POST", at, json={"what": "order_line", "ground": "legal_hold"})
    kept = await shop.ask("POST", at, json={"what": "order_line", "ground": "law"})
    lifted = await shop.ask("DELETE", f"{at}/order_line")
    cost = await shop.ask("POST", at, json={"what": "backups", "ground": "cost", "estimate_cents": 9_900})
    answered = await shop.ask("POST", f"{at}/backups/answer", json={"answer": "accepted"})
    signed = await shop.ask("POST", f"{at}/backups/signature")
    strange = await shop.ask("DELETE", f"{at}/address")

    assert (nothing.status, nothing.wrong) == (422, {"/ground"})
    assert (kept.status, kept.body["restrictions"][0]["reason"]) == (201, "legal")
    assert (lifted.status, lifted.body["restrictions"][0]["in_force"]) == (200, False)
    assert (cost.status, answered.status) == (201, 200)
    assert (signed.status, signed.problem) == (403, "role-forbids")
    assert strange.status == 404
    clock.advance(hours=1)
    await enters(browser, Role.MANAGER)
    assert (await shop.ask("POST", f"{at}/backups/signature")).body["restrictions"][-1]["step"] == "signed"
