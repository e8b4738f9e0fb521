"""A person in front of a browser: what they see and press, and axe looking over their shoulder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Request, expect

from tests.live import LiveShop

PASSWORD = "a long enough secret"
PATIENCE_MS = 60_000

# Of a page axe looks at everything. At contrast, which was most of its time, only where something looks new: of things
# that stand in the same place, are made of the same parts and are drawn alike, at the first.
WITHOUT_CONTRAST = {"resultTypes": ["violations"], "preload": False, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {"resultTypes": ["violations"], "preload": False, "runOnly": ["color-contrast"]}
AGAIN = "data-seen-before"
MARK_WHAT_LOOKS_ALIKE = """(again) => {
    const seen = new Set();
    const drawn = (element) => {
        const look = getComputedStyle(element);
        return [element.tagName, element.className, look.color, look.backgroundColor, look.backgroundImage,
                look.opacity, look.fontSize, look.fontWeight, look.display, look.visibility].join();
    };
    const words = new Map();
    const made = (element) => {
        const parts = [...element.children].map(made);
        const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const word = `${drawn(element)}${text ? "#" : ""}(${parts.join("")})`;
        words.set(element, word);
        return word;
    };
    const walk = (element, place) => {
        for (const child of element.children) {
            const key = `${place}>${words.get(child)}`;
            child.toggleAttribute(again, seen.has(key));
            if (seen.has(key)) continue;
            seen.add(key);
            walk(child, `${place}>${drawn(child)}`);
        }
    };
    made(document.body);
    walk(document.body, "");
}"""


@dataclass
class Shopper:
    page: Page
    shop: LiveShop
    email: str
    complaints: list[str] = field(default_factory=list)
    # What was sent and answered: a journey that stops shows it.
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.set_default_timeout(PATIENCE_MS)  # another tab's as well
        expect.set_options(timeout=PATIENCE_MS)  # its own five seconds are a crowded machine's whim
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self._note(request, "sent"))
        self.page.on("requestfailed", lambda request: self._note(request, str(request.failure)))
        self.page.on("response", lambda response: self._note(response.request, str(response.status)))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _note(self, request: Request, what: str) -> None:
        if request.method != "GET":
            self.sent.append(f"{request.method} {urlsplit(request.url).path}: {what}")

    async def open(self, path: str) -> None:
        await self.page.goto(self.shop.url + path)

    async def put_in(self, *skus: str) -> None:
        for sku in skus:
            await self.page.locator(f"#more-{sku}").click()
            await expect(self.page.locator(f"#step-{sku} output")).to_have_text("1")

    async def sign_up(self) -> None:
        """From the log-in page to wherever it leads."""
        await self.page.get_by_role("link", name="Sign up for delivery").first.click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Sign up for delivery")
        typed = {
            "Name": "Ana Shopper",
            "Phone": "(213) 555-0123",
            "Street and number": "460 S Spring St",
            "City": "Los Angeles",
            "ZIP code": "90013",
            "E-mail": self.email,
            "Password": PASSWORD,
        }
        for label, text in typed.items():
            await self.page.get_by_label(label, exact=True).fill(text)
        await self.page.get_by_role("switch", name="Use my details").check()
        await self.check("the sign-up")
        await self.page.get_by_role("button", name="Sign up").click()

    async def arrive(self, path: str, cart: Mapping[str, int] | None = None) -> None:
        """Signed up, and with that in the cart: how one does so on the pages is a journey of its own."""
        person = {"name": "Ana Shopper", "email": self.email, "phone": "(213) 555-0123", "password": PASSWORD}
        home = {"street": "460 S Spring St", "city": "Los Angeles", "state": "CA", "postal_code": "90013"}
        for sku, quantity in (cart or {}).items():
            await self._ask("PUT", f"/api/v1/cart/lines/{sku}", {"quantity": quantity})
        await self._ask("POST", "/api/v1/customers", person | {"address": home, "payment_and_delivery": True})
        await self.open(path)

    async def _ask(self, method: str, path: str, body: Mapping[str, object]) -> None:
        headers = {"Origin": self.shop.url}
        answer = await self.page.request.fetch(self.shop.url + path, method=method, data=body, headers=headers)
        assert answer.ok, await answer.text()

    async def type_card(self, number: str) -> None:
        """Into Stripe's own frame, digit by digit."""
        frame = self.page.frame_locator("[data-card] iframe")
        await frame.locator("[name=number]").press_sequentially(number)
        await frame.locator("[name=expiry]").press_sequentially("1239")
        await frame.locator("[name=cvc]").press_sequentially("1234" if number.startswith("3") else "123")

    async def see_state(self, state: str) -> None:
        await expect(self.page.locator("#live-now")).to_have_attribute("data-state", state, timeout=PATIENCE_MS)

    async def check(self, where: str) -> None:
        """No accessibility violation, nothing wider than the screen, no error in the console."""
        await self.page.wait_for_load_state()  # what was pressed may have brought half of a page, without its style
        await self.page.evaluate(MARK_WHAT_LOOKS_ALIKE, AGAIN)
        for context, options in ((None, WITHOUT_CONTRAST), ({"exclude": [[f"[{AGAIN}]"]]}, CONTRAST)):
            results = await Axe().run(self.page, context, options)
            assert results.violations_count == 0, f"{where}: {results.generate_report()}"
        wider = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{where} is {wider} px wider than the screen"
        sideways = "tables => tables.filter(each => each.scrollWidth > each.clientWidth).length"
        hidden = await self.page.locator(".scroll:has(.stacked)").evaluate_all(sideways)
        assert hidden == 0, f"{where} hides what staff decide beside the screen"
        assert not self.complaints, f"{where}: {self.complaints}"
