"""Complaints on the web: whoever makes one, and whoever answers it at the console."""

import re

from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop

STAFF = "perry@example.com"
CONCERNS = "My address was read out loud\nNobody asked me"


async def add(shop: Shop, vault: Vault, role: Role = Role.PRIVACY, email: str = STAFF) -> None:
    newcomer = NewStaff(name="Perry Privacy", email=email, password=PASSWORD, role=role)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)


async def at_the_console(shop: Shop) -> Browser:
    """A member of staff who has just logged in."""
    browser = Browser(shop)
    form = (await browser.open("/staff/complaints")).form("/staff/log-in")
    await browser.send(form, email=STAFF, password=PASSWORD)
    return browser


async def two_at_work(shop: Shop, vault: Vault) -> Browser:
    """An administrator and a manager work here; nobody has logged in."""
    for role in (Role.PRIVACY, Role.MANAGER):
        await add(shop, vault, role, f"{role}@example.com")
    return Browser(shop)


async def enters(browser: Browser, role: Role) -> Page:
    """Whoever was logged in before is not any more."""
    browser.shop.client.session.cookie_jar.clear()
    form = (await browser.open("/staff/log-in")).form("/staff/log-in")
    return await browser.send(form, email=f"{role}@example.com", password=PASSWORD)


async def complains(browser: Browser, **but: str) -> Page:
    page = await browser.open("/complaints")
    return await browser.send(page.form("/complaints"), **({"concerns": CONCERNS} | but))


def told(page: Page) -> dict[str, str]:
    number, code = re.findall(r"<dd><code>([^<]+)</code></dd>", page.html)
    return {"number": number, "code": code}


async def first_of_the_board(perry: Browser) -> Page:
    board = await perry.open("/staff/complaints")
    at = re.search(r'href="(/staff/complaints/[0-9a-f-]{36})"', board.html)
    assert at is not None
    return await perry.open(at[1])


async def answers(perry: Browser, **but: str) -> Page:
    """On paper, posted at once."""
    page = await first_of_the_board(perry)
    said = {"findings": "The driver read it out.", "steps": "Labels show a number.", "way": "post"}
    signed = await perry.send(page.form(f"{page.path}/answer"), **(said | {"postal": "1 Main St."} | but))
    at = f"{page.path}/answer/posted"
    return await perry.send(signed.form(at)) if at in signed.html else signed
