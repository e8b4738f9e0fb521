"""One's own log-in at the console: passkeys, codes, log-ins elsewhere; and what a password alone opens (C8)."""

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from kalecart.runtime import Runtime
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.one_time_code import code_of, step_at
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.authenticator import Authenticator
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import PASSWORD, Shop
from web.app import create_app
from web.console.qr import qr_code

MANAGER, PICKER = "manager@example.com", "orders@example.com"
# The shop is reached by a number here, and passkeys are for the name of one's own machine.
ORIGIN = "http://localhost:8000"


@pytest_asyncio.fixture
async def strict(shop: Shop, runtime: Runtime, vault: Vault, clock: FakeClock) -> AsyncIterator[Shop]:
    """As it is deployed: whoever works here proves more than a password."""
    for name, email, role in (("Maya Ortiz", MANAGER, Role.MANAGER), ("Sam Staff", PICKER, Role.ORDERS)):
        newcomer = NewStaff(name=name, email=email, password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    settings = runtime.settings.model_copy(update={"staff_second_factor": "required"})
    async with TestClient(TestServer(create_app(replace(runtime, settings=settings)))) as client:
        yield replace(shop, client=client)


async def _password(browser: Browser, email: str = PICKER) -> Page:
    form = (await browser.open("/staff/log-in?to=/staff/orders")).form("/staff/log-in")
    return await browser.send(form, email=email, password=PASSWORD)


async def _adds_key(browser: Browser, device: Authenticator) -> Page:
    asked = await browser.shop.ask("POST", "/staff/log-ins/keys/question", data={"password": PASSWORD})
    assert asked.status == 200, asked.body
    form = (await browser.open("/staff/log-ins")).form("/staff/log-ins/keys")
    sent = device.makes(json.dumps(asked.body))
    return await browser.send(form, credential=sent, **{"key-name": "Blue <phone>"})


async def _uses_key(browser: Browser, device: Authenticator) -> Page:
    asked = await browser.shop.ask("POST", "/staff/log-in/key-question")
    form = (await browser.open("/staff/log-in")).form("/staff/log-in/key")
    return await browser.send(form, credential=device.signs(json.dumps(asked.body)))


async def test_who_has_a_password_only_is_led_to_add_a_passkey_and_then_logs_in_with_it(strict: Shop) -> None:
    browser, device = Browser(strict), Authenticator(ORIGIN)
    page = await _password(browser)
    assert (page.path, "A password alone opens nothing here" in page.text) == ("/staff/log-ins", True)
    for path in ("/staff/queue", "/staff/data", "/staff/policy", "/staff/alerts"):
        assert (await browser.open(path)).path == "/staff/log-ins"
    for path in ("/api/v1/staff/orders", "/api/v1/staff/queue", "/api/v1/staff/me/requests"):
        refused = await strict.get(path)
        assert (refused.status, refused.problem) == (403, "second-factor-needed")
    wrong = await strict.ask("POST", "/staff/log-ins/keys/question", data={"password": "no"})
    assert (wrong.status, wrong.body) == (422, {"problem": "This is not your password."})

    page = await _adds_key(browser, device)

    assert "Blue <phone>" in page.text
    assert len(re.findall(r"<code>[A-Z0-9]{5}-[A-Z0-9]{5}</code>", page.html)) == 8
    assert (await browser.open("/staff/orders")).path == "/staff/orders"
    await browser.send(page.form("/staff/log-out"))
    page = await _uses_key(browser, device)
    assert page.path == "/staff/orders"
    page = await browser.open("/staff/log-ins")
    assert ("by passkey" in page.text, "Last used" in page.text) == (True, True)
    again = await browser.send(page.form("/staff/log-ins/keys"), credential="{}")
    assert "This passkey was not accepted." in again.text
    key = next(action for action in page.read.forms if action.endswith("/removal"))
    kept = await browser.send(page.form(key), password=PASSWORD)
    assert (kept.status, "Add another passkey or one-time codes first." in kept.text) == (409, True)


async def test_a_passkey_of_another_site_opens_nothing(strict: Shop) -> None:
    browser, device = Browser(strict), Authenticator(ORIGIN)
    await _password(browser)
    page = await _adds_key(browser, device)
    await browser.send(page.form("/staff/log-out"))
    device.origin = "http://localhost:9999"

    refused = await _uses_key(browser, device)

    assert (refused.status, "This passkey was not accepted." in refused.text) == (422, True)
    assert (await browser.open("/staff/orders")).path.startswith("/staff/log-in")


async def test_codes_of_an_app_are_set_up_and_asked_for_over_either_face(strict: Shop, clock: FakeClock) -> None:
    browser = Browser(strict)
    page = await _password(browser)
    page = await browser.send(page.form("/staff/log-ins/app"), password="no")
    assert "This is not your password." in page.text
    page = await browser.send(page.form("/staff/log-ins/app"), password=PASSWORD)
    shown = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', page.html)
    assert shown is not None
    address = re.search(r'href="(otpauth://totp/KaleCart:Sam%20Staff\?secret=[^"]+)"', page.html)
    assert address is not None
    assert qr_code(html.unescape(address[1])) in page.html
    secret = shown[1].replace(" ", "")
    page = await browser.send(page.form("/staff/log-ins/app/code"), code="12")
    assert secret not in page.html.replace(" ", "")
    page = await browser.send(page.form("/staff/log-ins/app/code"), code=code_of(secret, step_at(clock.now())))
    recovery = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", page.html)
    await browser.send(page.form("/staff/log-out"))

    clock.advance(seconds=30)
    page = await _password(browser)
    assert "One more step" in page.text
    assert (await browser.open("/staff/orders")).path.startswith("/staff/log-in")
    page = await browser.send(page.form("/staff/log-in/code"), code="000000")
    assert "This code is not good, or no longer." in page.text
    page = await browser.send(page.form("/staff/log-in/code"), code=code_of(secret, step_at(clock.now())))
    assert page.path == "/staff/orders"
    await browser.send((await browser.open("/staff/log-ins")).form("/staff/log-out"))

    body = {"email": PICKER, "password": PASSWORD}
    asked = await strict.ask("POST", "/api/v1/staff/session", json=body)
    assert (asked.status, asked.problem) == (422, "second-step-needed")
    assert "step" not in asked.body
    wrong = await strict.ask("POST", "/api/v1/staff/session", json=body | {"code": "1"})
    assert (wrong.status, wrong.problem) == (422, "wrong-code")
    assert (await strict.ask("POST", "/api/v1/staff/session", json=body | {"code": recovery[0]})).status == 201
    assert (await strict.get("/api/v1/staff/orders")).status == 200


async def test_log_ins_elsewhere_are_listed_and_ended_and_a_page_that_refreshes_itself_is_nobody(
    shop: Shop, strict: Shop, clock: FakeClock
) -> None:
    """Where a second proof is only offered a password still opens the console."""
    elsewhere, here = Browser(strict), Browser(shop)
    await _password(elsewhere)
    clock.advance(minutes=1)
    page = await _password(here)
    assert page.path == "/staff/orders"
    page = await here.open("/staff/log-ins")
    assert page.text.count("by password alone") == 2
    other = next(action for action in page.read.forms if "/sessions/" in action)
    page = await here.send(page.form(other))
    assert page.text.count("by password alone") == 1
    assert (await elsewhere.open("/staff/queue")).path.startswith("/staff/log-in")
    await _password(elsewhere)
    listed = (await shop.get("/api/v1/staff/me/log-ins")).body
    assert (listed["passkeys"], listed["codes_since"], listed["recovery_codes_left"]) == ([], None, 0)
    other = next(each for each in listed["sessions"] if not each["here"])
    assert (other["proof"], len(listed["sessions"])) == ("password", 2)
    for _ in range(2):
        assert (await shop.ask("DELETE", f"/api/v1/staff/me/sessions/{other['session_id']}")).status == 204
    assert (await elsewhere.open("/staff/queue")).path.startswith("/staff/log-in")
    await _password(elsewhere)
    await here.send((await here.open("/staff/log-ins")).form("/staff/log-ins/others/end"))
    assert (await elsewhere.open("/staff/queue")).path.startswith("/staff/log-in")

    clock.advance(minutes=20)
    assert (await here.open("/staff/queue", headers={"HX-Request": "true"})).status == 200
    clock.advance(minutes=11)
    assert (await here.open("/staff/queue")).path.startswith("/staff/log-in")
    await _password(here)
    for _ in range(3):
        clock.advance(minutes=29)
        assert (await here.open("/staff/queue")).path == "/staff/queue"


async def test_the_password_is_changed_and_a_colleague_reset_over_either_face(shop: Shop, strict: Shop) -> None:
    sam, maya = Browser(strict), Browser(shop)
    await _password(sam)
    page = await _adds_key(sam, Authenticator(ORIGIN))
    wrong = await sam.send(page.form("/staff/log-ins/password"), current_password="no", new_password="brisk otters row")
    assert "This is not your password." in wrong.text
    form = page.form("/staff/log-ins/password")
    page = await sam.send(form, current_password=PASSWORD, new_password="brisk otters row")
    assert page.path == "/staff/log-ins"
    new = {"current_password": "brisk otters row", "new_password": "four loud parsnips"}
    wrong = await strict.ask("PUT", "/api/v1/staff/me/password", json=new | {"new_password": "short"})
    assert (wrong.status, wrong.wrong) == (422, {"/new_password"})
    assert (await strict.ask("PUT", "/api/v1/staff/me/password", json=new)).status == 204
    assert [each["name"] for each in (await strict.get("/api/v1/staff/me/log-ins")).body["passkeys"]] == [
        "Blue <phone>"
    ]

    await _password(maya, MANAGER)
    page = await maya.open("/staff/people")
    resets = [action for action in page.read.forms if action.endswith("/log-in-reset")]
    assert len(resets) == 1
    await maya.send(page.form(resets[0]))
    assert (await sam.open("/staff/log-ins")).path.startswith("/staff/log-in")
    people = {each["name"]: each["staff_id"] for each in (await shop.get("/api/v1/staff/people")).body["people"]}
    own = await shop.ask("POST", f"/api/v1/staff/people/{people['Maya Ortiz']}/log-in-reset")
    assert (own.status, own.problem) == (409, "reset-own")
    assert (await shop.ask("POST", f"/api/v1/staff/people/{people['Sam Staff']}/log-in-reset")).status == 204
    gone = await shop.ask("POST", f"/staff/people/{people['Maya Ortiz']}/log-in-reset")
    assert gone.status == 409
