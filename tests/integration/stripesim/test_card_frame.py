"""The card field in a shop's page: digits stay in the frame, and anybody can fill it in."""

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
# One browser for all of them: starting it takes longer than any of the tests.
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{sim}/v3/stripe.js"></script><script src="/shop.js" defer></script></head>
<body><main><h1>Pay</h1><div id="card"></div><button id="pay">Pay</button></main></body></html>"""
SHOP = """
const stripe = Stripe("{key}"), card = stripe.elements().create("card", {{hidePostalCode: true}});
window.changes = []; window.asks = (secret, data) => stripe.confirmCardPayment(secret, data);
card.on("ready", () => document.body.dataset.ready = "yes");
card.on("change", (change) => window.changes.push(change));
card.mount("#card");
document.getElementById("pay").addEventListener("click", async () => {{
  delete document.body.dataset.answered;
  const details = {{ name: "Ada", address: {{ postal_code: "94107" }} }};
  window.answer = await stripe.createPaymentMethod({{ type: "card", card, billing_details: details }});
  document.body.dataset.answered = "yes";
}});
"""


@dataclass(kw_only=True)
class Shop:
    page: Page
    sim: Caller
    complaints: list[str]

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("#card iframe")

    async def type(self, number: str, expiry: str = "1230", cvc: str = "123") -> None:
        for label, text in (("Card number", number), ("Expiry", expiry), ("Security code", cvc)):
            field = self.frame.get_by_label(label)
            await field.clear()
            await field.press_sequentially(text)

    async def pay(self) -> dict[str, Any]:
        await self.page.get_by_role("button", name="Pay").click()
        # Not a function to wait for: the page's policy forbids to evaluate one.
        await self.page.wait_for_selector("body[data-answered=yes]")
        return await self.page.evaluate("window.answer")


@asynccontextmanager
async def _page_server(sim: Caller) -> AsyncIterator[str]:
    """A shop with the strictest policy that a page with Stripe.js can have."""
    policy = f"default-src 'none'; script-src 'self' {sim.base}; frame-src {sim.base}; style-src-attr 'unsafe-inline'"

    async def page(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=PAGE.format(sim=sim.base), content_type="text/html", headers=headers)

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


@pytest_asyncio.fixture(params=[1200, 360], ids=["desktop", "narrow"], loop_scope="module")
async def shop(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Shop]:
    async with in_process() as sim, _page_server(sim) as url:
        page = await browser.new_page(viewport={"width": request.param, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        await page.wait_for_selector("body[data-ready=yes]")
        yield Shop(page=page, sim=sim, complaints=complaints)
        await page.close()


async def test_a_typed_card_becomes_an_id_and_nothing_else(shop: Shop) -> None:
    await shop.type("4242424242424242")
    await expect(shop.frame.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    await expect(shop.frame.get_by_label("Expiry")).to_have_value("12 / 30")
    answer = await shop.pay()

    method = (await shop.sim.get(f"/v1/payment_methods/{answer['paymentMethod']['id']}")).body
    assert (method["card"]["last4"], method["card"]["exp_year"]) == ("4242", 2030)
    assert (method["billing_details"]["name"], method["billing_details"]["address"]["postal_code"]) == ("Ada", "94107")
    known = json.dumps([answer, await shop.page.evaluate("window.changes")])
    assert "42424242" not in known.replace(" ", "")
    last = (await shop.page.evaluate("window.changes"))[-1]
    assert (last["complete"], last["brand"], last["empty"]) == (True, "visa", False)
    assert shop.complaints == []


async def test_an_unfinished_card_is_explained_where_it_is_typed(shop: Shop) -> None:
    await shop.type("4242", "12", "1")
    answer = await shop.pay()

    assert answer["error"]["type"] == "validation_error"
    await expect(shop.frame.get_by_role("alert")).to_have_text("Your card number is incomplete.")
    await expect(shop.frame.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    await expect(shop.frame.get_by_label("Card number")).to_be_focused()


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "words"),
    [
        ("4242424242424241111", "1230", "123", "Your card number is not valid: please check the digits."),
        ("4242424242424242", "0120", "123", "Your card's expiry date is in the past."),
        ("4242424242424242", "1330", "123", "Your card's expiry month is not valid."),
        ("4242424242424242", "1230", "12", "Your card's security code is incomplete."),
    ],
)
async def test_a_mistake_is_said_in_words(shop: Shop, number: str, expiry: str, cvc: str, words: str) -> None:
    await shop.type(number, expiry, cvc)
    await shop.pay()

    await expect(shop.frame.get_by_role("alert")).to_have_text(words)


async def test_a_mistake_that_shows_as_one_presses_leaves_the_button_where_it_is(shop: Shop) -> None:
    button = shop.page.get_by_role("button", name="Pay")
    await shop.type("4242424242424242", "1230", "12")
    before = await button.bounding_box()

    await shop.frame.get_by_label("Security code").blur()
    await expect(shop.frame.get_by_role("alert")).to_have_text("Your card's security code is incomplete.")
    # The frame tells its height before the page is asked where the button is: both go through the same queue.
    await shop.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    assert await button.bounding_box() == before


async def test_what_the_bank_says_of_the_number_is_shown_at_the_number(shop: Shop) -> None:
    await shop.type("4929420573595709")
    answer = await shop.pay()

    assert answer["error"]["code"] == "card_declined"


async def test_the_brand_is_named_and_long_codes_are_for_amex(shop: Shop) -> None:
    await shop.type("378282246310005", "930", "1234")

    await expect(shop.frame.get_by_text("American Express")).to_be_visible()
    await expect(shop.frame.get_by_label("Card number")).to_have_value("3782 822463 10005")
    await expect(shop.frame.get_by_label("Expiry")).to_have_value("09 / 30")
    assert "paymentMethod" in await shop.pay()


async def test_a_digit_corrected_in_the_middle_keeps_the_caret(shop: Shop) -> None:
    await shop.type("4242424242424242")
    number = shop.frame.get_by_label("Card number")
    await number.focus()
    await number.evaluate("(input) => input.setSelectionRange(6, 6)")
    await number.press("Backspace")
    await number.press("5")

    await expect(number).to_have_value("4242 5242 4242 4242")
    assert await number.evaluate("(input) => input.selectionStart") == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_field_is_accessible_and_fits(shop: Shop, scheme: Any) -> None:
    await shop.page.emulate_media(color_scheme=scheme)
    await shop.type("4242424242424241111", "0120", "1")
    await shop.pay()

    found = await Axe().run(shop.page)
    card_frame = next(frame for frame in shop.page.frames if "card-frame" in frame.url)

    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found.response["violations"]] == []
    assert await card_frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await card_frame.evaluate("document.documentElement.scrollHeight <= window.innerHeight + 1")
    assert await shop.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("button", "status"), [("Complete", "succeeded"), ("Fail", "requires_payment_method")])
async def test_the_bank_asks_its_question_over_the_page(shop: Shop, button: str, status: str) -> None:
    intent = await shop.sim.made("/v1/payment_intents", {"amount": 1250, "currency": "usd"})
    data = {"payment_method": "pm_card_authenticationRequired"}
    await shop.page.evaluate(
        "([secret, data]) => { window.asks(secret, data).then("
        "(answer) => { window.asked = answer; document.body.dataset.answered = 'yes'; }); }",
        [intent["client_secret"], data],
    )

    await shop.page.frame_locator("dialog iframe").get_by_role("button", name=button).click()
    await shop.page.wait_for_selector("body[data-answered=yes]")

    told = await shop.page.evaluate("window.asked")
    assert (await shop.sim.get(f"/v1/payment_intents/{intent['id']}")).body["status"] == status
    assert ("paymentIntent" in told) == (status == "succeeded")
    assert shop.complaints == []
