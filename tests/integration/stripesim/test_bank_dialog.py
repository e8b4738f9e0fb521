"""The dialog in which a bank account is linked: its digits stay in it, and anybody can fill it in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, FrameLocator, Page, async_playwright, expect

from tests.stand_in import PUBLISHABLE_KEY, Caller, in_process

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{sim}/v3/stripe.js"></script><script src="/shop.js" defer></script></head>
<body><main><h1>Save a bank account</h1><button id="save" data-secret="{secret}">Save</button></main></body></html>"""
SHOP = """
const stripe = Stripe("{key}"), save = document.getElementById("save"), clientSecret = save.dataset.secret;
const billing = {{ name: "Ada", email: "ada@example.com" }};
const params = {{ payment_method_type: "us_bank_account", payment_method_data: {{ billing_details: billing }} }};
window.answers = [];
save.addEventListener("click", async () => {{
  let answer = await stripe.collectBankAccountForSetup({{ clientSecret, params }});
  window.answers.push(answer);
  if (answer.setupIntent?.status === "requires_confirmation") {{
    window.answers.push(await stripe.confirmUsBankAccountSetup(clientSecret));
  }}
  document.body.dataset.answered = "yes";
}});
"""


@dataclass(kw_only=True)
class Shop:
    page: Page
    sim: Caller
    intent: dict[str, Any]
    complaints: list[str]

    @property
    def dialog(self) -> FrameLocator:
        return self.page.frame_locator("dialog iframe")

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Save").click()
        await expect(self.dialog.get_by_label("Routing number")).to_be_focused()

    async def type(self, number: str, routing: str = "110000000") -> None:
        await self.dialog.get_by_label("Routing number").fill(routing)
        await self.dialog.get_by_label("Account number").fill(number)

    async def press(self, name: str) -> None:
        await self.dialog.get_by_role("button", name=name).click()

    async def answers(self) -> list[dict[str, Any]]:
        await self.page.wait_for_selector("body[data-answered=yes]")
        return await self.page.evaluate("window.answers")

    async def now(self) -> dict[str, Any]:
        return (await self.sim.get(f"/v1/setup_intents/{self.intent['id']}")).body


@asynccontextmanager
async def _page_server(sim: Caller, secret: str) -> AsyncIterator[str]:
    """A shop with the strictest policy that a page with Stripe.js can have."""
    policy = f"default-src 'none'; script-src 'self' {sim.base}; frame-src {sim.base}"

    async def page(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=PAGE.format(sim=sim.base, secret=secret), content_type="text/html", headers=headers)

    async def script(_: web.Request) -> web.Response:
        return web.Response(text=SHOP.format(key=PUBLISHABLE_KEY), content_type="text/javascript")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/shop.js", script)])
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def shop(browser: Browser) -> AsyncIterator[Shop]:
    async with in_process() as sim:
        customer = (await sim.made("/v1/customers"))["id"]
        form = {"customer": customer, "payment_method_types[]": "us_bank_account"}
        intent = await sim.made("/v1/setup_intents", form)
        async with _page_server(sim, intent["client_secret"]) as url:
            page = await browser.new_page(viewport={"width": 360, "height": 780})
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(url)
            yield Shop(page=page, sim=sim, intent=intent, complaints=complaints)
            await page.close()


async def test_an_account_linked_at_once_is_saved_and_its_digits_stay_in_the_dialog(shop: Shop) -> None:
    await shop.open()
    await shop.type("000123456789")
    await shop.press("Link account")

    collected, confirmed = await shop.answers()
    assert collected["setupIntent"]["status"] == "requires_confirmation"
    assert confirmed["setupIntent"]["status"] == "succeeded"
    assert "123456789" not in json.dumps([collected, confirmed])
    saved = await shop.now()
    method = (await shop.sim.get(f"/v1/payment_methods/{saved['payment_method']}")).body
    assert (method["us_bank_account"]["last4"], method["billing_details"]["name"]) == ("6789", "Ada")
    assert (await shop.sim.get(f"/v1/mandates/{saved['mandate']}")).body["status"] == "active"
    assert shop.complaints == []


async def test_an_account_checked_by_a_deposit_waits_for_its_code(shop: Shop) -> None:
    await shop.open()
    await shop.type("000222222227")
    await shop.dialog.get_by_label("By a small deposit").check()
    await shop.press("Link account")

    waiting = (await shop.answers())[-1]["setupIntent"]
    assert waiting["status"] == "requires_action"
    await shop.page.goto(waiting["next_action"]["verify_with_microdeposits"]["hosted_verification_url"])
    for code, words in (("SM99ZZ", "9 attempts remain"), ("sm11aa", "The account is verified")):
        await shop.page.get_by_label("Code of the deposit").fill(code)
        await shop.page.get_by_role("button", name="Verify").click()
        await expect(shop.page.get_by_role("status")).to_contain_text(words)
    assert (await shop.now())["status"] == "succeeded"
    assert shop.complaints == []


@pytest.mark.parametrize("leave", ["button", "escape"])
async def test_a_dialog_that_is_left_changes_nothing(shop: Shop, leave: str) -> None:
    await shop.open()
    await shop.type("000123456789")
    if leave == "button":
        await shop.press("Cancel")
    else:
        await shop.page.keyboard.press("Escape")

    [answer] = await shop.answers()
    assert answer["setupIntent"]["status"] == "requires_payment_method"
    await expect(shop.page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_dialog_is_accessible_and_says_what_is_wrong(shop: Shop, scheme: Any) -> None:
    await shop.page.emulate_media(color_scheme=scheme)
    await shop.open()
    for number, routing, words in (
        ("000123456789", "1100", "A routing number has nine digits."),
        ("12", "110000000", "Your account number is incomplete."),
        ("123456789", "110000000", "The account number is not valid."),
    ):
        await shop.type(number, routing)
        await shop.press("Link account")
        await expect(shop.dialog.get_by_role("alert")).to_contain_text(words)
    await expect(shop.dialog.get_by_label("Account number")).to_be_focused()
    await shop.dialog.get_by_text("Test accounts").click()

    found = await Axe().run(shop.page)
    frame = next(frame for frame in shop.page.frames if "bank-frame" in frame.url)

    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found.response["violations"]] == []
    assert await frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await shop.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
