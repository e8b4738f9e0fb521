"""Pages as a browser without JavaScript uses them: follow links, send the forms that are there, read what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from tests.web.shop import PASSWORD, Shop


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Forms with what they would send, text, ids and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.text: list[str] = []
        self._form: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "form":
            self._form = given["action"]
            self.forms[self._form] = Form(given.get("method", "get").upper(), self._form)
        elif tag in {"input", "button"}:
            self._control(tag, given)

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        owner = "/cart/lines" if given.get("form") == "fill" else self._form
        if "name" not in given or owner not in self.forms:
            return
        form = self.forms[owner]
        if tag == "button":
            form.buttons.append((given["name"], given["value"]))
        elif given.get("type") not in {"checkbox", "radio"} or "checked" in given:
            form.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@dataclass
class Page:
    status: int
    path: str
    html: str
    headers: Any

    def __post_init__(self) -> None:
        self.read = _Reader()
        self.read.feed(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.read.text).split())

    def form(self, action: str) -> Form:
        return self.read.forms[action]


@dataclass
class Browser:
    """One without JavaScript. Redirects are followed, and what they lead to is the page."""

    shop: Shop

    async def open(self, path: str, **more: Any) -> Page:
        return await self._ask("GET", path, **more)

    async def send(self, form: Form, **but: str) -> Page:
        return await self._ask(form.method, form.action, data=form.fields | but)

    async def press(self, page: Page, line: str) -> Page:
        return await self.send(page.form("/cart/lines"), line=line)

    async def _ask(self, method: str, path: str, **more: Any) -> Page:
        headers = self.shop.same_origin | more.pop("headers", {})
        async with self.shop.client.request(method, path, headers=headers, **more) as response:
            url = urlsplit(str(response.url))
            where = url.path + (f"?{url.query}" if url.query else "")
            return Page(response.status, where, await response.text(), response.headers.copy())

    async def signed_up(self, **but: str) -> Page:
        form = (await self.open("/sign-up?to=/checkout")).form("/sign-up")
        return await self.send(form, **(SIGN_UP | but))


SIGN_UP = {
    "name": "Ana Shopper",
    "email": "ana@example.com",
    "phone": "(213) 555-0123",
    "street": "460 S Spring St",
    "unit": "",
    "city": "Los Angeles",
    "state": "CA",
    "postal_code": "90013",
    "password": PASSWORD,
    "payment_and_delivery": "on",
}
