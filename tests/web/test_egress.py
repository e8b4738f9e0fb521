"""Whatever leaves has its line in the ledger of disclosures, and every line its traffic (C10); nothing else is left
lying about: not in a log, a table, an error, an address (C8, E72)."""

import io
import logging
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa
import structlog
from aiohttp.test_utils import TestServer

from kalecart import logs
from kalecart.disclosures import CHARGE_FIELDS, Disclosure, Field, Recipient, disclosures_of
from kalecart.ids import new_id
from kalecart.mail.smtp import SmtpPostman
from kalecart.payments.bank_account import MANDATE_SHA256
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from stripesim.app import Options, make_app
from tests.clock import FakeClock
from tests.planted import ANA, BEA, NEW, Planted, traces
from tests.post_office import PostOffice, running_post_office
from tests.web.shop import PASSWORD, Answer, Shop
from tests.web.wire import Wire
from tests.web.works import work

STAFF = "orders@example.com"


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest_asyncio.fixture
async def stand_in(wire: Wire, clock: FakeClock) -> AsyncIterator[TestServer]:
    app = make_app(Options(), now=lambda: clock.now().timestamp())
    app.middlewares.insert(0, wire.record)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with running_post_office() as running:
        yield running


@pytest.fixture
def spoken() -> Iterator[io.StringIO]:
    """What the processes say."""
    root, out = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    with redirect_stdout(out):
        logs.configure(process="test", level="debug", log_format="json")
        structlog.configure(**(structlog.get_config() | {"cache_logger_on_first_use": False}))
        yield out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers = handlers
    root.setLevel(level)


@dataclass
class Day:
    """A day of the shop with two customers, and everything that anybody was answered."""

    shop: Shop
    clock: FakeClock
    people: dict[str, UUID] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    asking: str = ""
    package: bytes = b""
    erasure: str = ""

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        answer = await self.shop.ask(method, path, **more)
        self.answers.append((self.asking, answer))
        return answer

    async def enter(self, person: Planted) -> None:
        """A browser of their own, the same network as everybody's."""
        self.shop.client.session.cookie_jar.clear()
        self.asking = person.seed
        await self.shop.fill("kale", 6)
        made = await self.ask("POST", "/api/v1/customers", json=person.sign_up | {"payment_and_delivery": True})
        assert made.status == 201, made.body
        self.people[person.seed] = UUID((await self.ask("GET", "/api/v1/me")).body["customer_id"])

    async def saves(self, card: str, *, status: int = 201) -> str:
        saved = await self.ask("POST", "/api/v1/payment-methods", json={"stripe_payment_method_id": card})
        assert saved.status == status, saved.body
        return saved.body.get("id", "")

    async def orders_with(self, card: str, person: Planted) -> None:
        placed = await self.shop.order(key=person.seed, payment_method_id=card)
        assert placed.status == 202, placed.body
        self.orders[person.seed] = placed.body["id"]
        await work(self.shop)

    async def comes_back(self, person: Planted, email: str) -> None:
        self.shop.client.session.cookie_jar.clear()
        self.asking = person.seed
        known = {"email": email, "password": person.values["password"]}
        assert (await self.ask("POST", "/api/v1/session", json=known)).status < 300

    async def asks_about_own_data(self, kind: str, person: Planted) -> str:
        asked = {"kind": kind, "password": person.values["password"]}
        made = await self.ask("POST", "/api/v1/privacy/requests", json=asked)
        assert made.status == 202, made.body
        await work(self.shop)
        return f"/api/v1/privacy/requests/{made.body['request_id']}"

    async def at_console(self) -> None:
        self.shop.client.session.cookie_jar.clear()
        self.asking = "staff"
        entered = await self.ask("POST", "/api/v1/staff/session", json={"email": STAFF, "password": PASSWORD})
        assert entered.status < 300, entered.body


async def _ana(day: Day) -> None:
    """Declined once, then paid; logs out."""
    await day.enter(ANA)
    await day.orders_with(await day.saves("pm_card_chargeCustomerFail"), ANA)
    day.clock.advance(minutes=3)
    await work(day.shop)
    card = {"payment_method_id": await day.saves("pm_card_visa")}
    assert (await day.ask("POST", f"/api/v1/orders/{day.orders[ANA.seed]}/payment", json=card)).status < 300
    await work(day.shop)
    assert (await day.ask("DELETE", "/api/v1/session")).status == 204


async def _bea(day: Day) -> None:
    """Tries Ana's address, wrong forms, a card that is refused; saves a bank account; orders."""
    day.shop.client.session.cookie_jar.clear()
    day.asking = BEA.seed
    stolen = BEA.sign_up | {"email": ANA.values["email"], "payment_and_delivery": True}
    assert (await day.ask("POST", "/api/v1/customers", json=stolen)).status in {409, 422}
    for wrong in ({"email": BEA.values["name"]}, {"phone": BEA.values["street"]}, {"planted": BEA.values["name"]}):
        refused = await day.ask("POST", "/api/v1/customers", json=stolen | wrong)
        assert refused.status in {400, 422}
    await day.enter(BEA)
    body = {"stripe_payment_method_id": "pm_usBankAccount_success", "mandate_sha256": MANDATE_SHA256.hex()}
    agent = {"User-Agent": BEA.values["browser"]}
    account = await day.ask("POST", "/api/v1/bank-accounts", json=body | {"agreed": True}, headers=agent)
    assert account.status == 201, account.body
    await day.saves("pm_card_visa_chargeDeclined", status=422)
    await day.orders_with(await day.saves("pm_card_mastercard"), BEA)
    for order in (day.orders[ANA.seed], BEA.values["name"]):
        assert (await day.ask("GET", f"/api/v1/orders/{order}")).status == 404


async def _staff(day: Day) -> None:
    """Look at Bea's order, hand it over, give all of it back."""
    await day.at_console()
    order = day.orders[BEA.seed]
    looked = await day.shop.ask("POST", f"/staff/orders/{order}/customer", data={"purpose": "delivery"})
    assert BEA.values["street"] in looked.body
    for act in ("picking", "fulfilled"):
        assert (await day.ask("POST", f"/api/v1/staff/orders/{order}/{act}")).status < 300
    asked = {"refund_id": str(new_id()), "reason": "quality", "whole": True}
    assert (await day.ask("POST", f"/api/v1/staff/orders/{order}/refunds", json=asked)).status < 300
    await work(day.shop)
    for page in ("/api/v1/staff/queue", "/api/v1/staff/queue/tasks", "/api/v1/staff/alerts", "/metrics"):
        await day.ask("GET", page)


async def _ana_corrects_and_downloads(day: Day) -> None:
    """Everything of her is another by then; the package has both, and leaves once."""
    await day.comes_back(ANA, ANA.values["email"])
    change = {name: NEW.sign_up[name] for name in ("name", "email", "phone", "address")}
    amended = await day.ask("PATCH", "/api/v1/me", json=change | {"password": ANA.values["password"]})
    assert amended.status < 300, amended.body
    await work(day.shop)
    at = await day.asks_about_own_data("access", ANA)
    link = (await day.ask("POST", f"{at}/link", json={"password": ANA.values["password"]})).body["link"]
    async with day.shop.client.get(f"{at}/package?link={link}") as got:
        day.package = await got.read()
        day.answers.append((ANA.seed, Answer(got.status, got.headers.copy(), day.package)))
    assert (await day.ask("GET", f"{at}/package?link={link}")).status == 404


async def _bea_is_erased(day: Day) -> None:
    """Here and at Stripe, after the letter that says so."""
    await day.comes_back(BEA, BEA.values["email"])
    await day.asks_about_own_data("erasure", BEA)
    day.clock.advance(minutes=1)
    await work(day.shop)
    async with day.shop.db.snapshot() as tx:
        erasure = await erasure_of(tx, day.people[BEA.seed])
    assert erasure is not None
    assert (erasure.ended_at, erasure.held) == (day.clock.now(), [])
    assert erasure.at_stripe_at is not None
    day.erasure = str(erasure.id)
    assert (await day.ask("GET", "/api/v1/me")).status == 401


@pytest_asyncio.fixture
async def day(
    shop: Shop, clock: FakeClock, vault: Vault, office: PostOffice, spoken: io.StringIO
) -> AsyncIterator[Day]:
    postman = SmtpPostman(office.url, sender="KaleCart <receipts@shop.example>")
    shop.runtime = replace(shop.runtime, postman=postman)
    newcomer = NewStaff(name="Sam Staff", email=STAFF, password=PASSWORD, role=Role.ORDERS)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    lived = Day(shop, clock)
    await _ana(lived)
    await _bea(lived)
    await _staff(lived)
    await _ana_corrects_and_downloads(lived)
    await _bea_is_erased(lived)
    yield lived


async def _ledger(day: Day, person: Planted) -> list[Disclosure]:
    async with day.shop.db.snapshot() as tx:
        return list(await disclosures_of(tx, day.people[person.seed]))


async def everything(day: Day) -> dict[str, str]:
    """Every table of both schemas, as text."""
    async with day.shop.db.snapshot() as tx:
        names = sa.text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'vault')")
        found = {}
        for schema, table in (await tx.execute(names)).all():
            rows = (await tx.execute(sa.text(f'SELECT * FROM "{schema}"."{table}"'))).all()
            cells = (
                bytes(cell).decode("latin-1") if isinstance(cell, bytes) else str(cell) for row in rows for cell in row
            )
            found[table] = "\n".join(cells)
    return found


async def test_whatever_leaves_is_in_the_ledger_and_the_rest_of_the_shop_keeps_nothing_readable(
    day: Day, wire: Wire, office: PostOffice, spoken: io.StringIO
) -> None:
    await _stripe_and_the_ledger_agree(day, wire)
    await _letters_and_the_ledger_agree(day, office)
    await _the_download_and_the_ledger_agree(day)
    await _nothing_lies_about(day, spoken)


async def _stripe_and_the_ledger_agree(day: Day, wire: Wire) -> None:
    lines = [*await _ledger(day, ANA), *await _ledger(day, BEA)]
    written: dict[str, set[Field]] = {}
    for line in lines:
        if line.recipient is Recipient.STRIPE:
            written.setdefault(line.reference, set()).update(line.fields)
    assert [method for method, _, _ in wire.asked].count("DELETE") == 1, "Stripe forgets who is erased"
    assert written == wire.told() | {day.erasure: {Field.CUSTOMER_ID}}

    assert set(CHARGE_FIELDS) <= written[day.orders[ANA.seed]]
    assert [line.reference for line in await _ledger(day, ANA)].count(day.orders[ANA.seed]) == 2, "two tries, two lines"
    readable = [traces(body) for body in wire.bodies if traces(body)]
    assert readable == [{BEA.seed: {"browser"}}], "of all that was planted only this, and it has its line"


async def _letters_and_the_ledger_agree(day: Day, office: PostOffice) -> None:
    sent = {person.seed: set() for person in (ANA, BEA)}
    for letter in office.letters:
        text = letter.as_bytes() + b"".join(
            part.get_payload(decode=True) or b"" for part in letter.walk() if not part.is_multipart()
        )
        found = traces(text)
        assert set(found) <= {ANA.seed, NEW.seed} or set(found) == {BEA.seed}, "of one person only"
        assert set().union(*found.values()) <= {"name", "email"}
        sent[BEA.seed if BEA.seed in found else ANA.seed].add(letter["Message-ID"].strip("<>").partition("@")[0])
    for person in (ANA, BEA):
        mail = [line for line in await _ledger(day, person) if line.recipient is Recipient.MAIL]
        assert {line.reference for line in mail} == sent[person.seed] != set()
        assert all({Field.NAME, Field.EMAIL, Field.LETTER} <= set(line.fields) for line in mail)
    handed = [line for line in await _ledger(day, BEA) if line.recipient is Recipient.COURIER]
    assert [line.reference for line in handed] == [day.orders[BEA.seed]]
    assert [line for line in await _ledger(day, ANA) if line.recipient is Recipient.COURIER] == []


async def _the_download_and_the_ledger_agree(day: Day) -> None:
    """What she had before and what she has, nothing of anybody else, in every file of it."""
    gone = [line for line in await _ledger(day, ANA) if line.recipient is Recipient.DOWNLOAD]
    assert [line.fields for line in gone] == [(Field.PACKAGE,)]
    assert [line for line in await _ledger(day, BEA) if line.recipient is Recipient.DOWNLOAD] == []
    given = {"name", "email", "phone", "street", "unit"}
    with zipfile.ZipFile(io.BytesIO(day.package)) as packed:
        for name in ("package.json", "report.html", "report.pdf"):
            found = traces(packed.read(name))
            assert (found[NEW.seed], found[ANA.seed] - {"browser"}) == (given, given), name
    assert set(traces(day.package)) == {ANA.seed, NEW.seed}


async def _nothing_lies_about(day: Day, spoken: io.StringIO) -> None:
    tables = await everything(day)
    assert {"task", "mail", "disclosure", "audit_entry", "alert"} <= set(tables)
    assert {table: traces(text) for table, text in tables.items() if traces(text)} == {}
    assert "intent_applied" in spoken.getvalue()
    assert traces(spoken.getvalue()) == {}
    others = {ANA.seed: (BEA,), BEA.seed: (ANA, NEW), "staff": (ANA, BEA, NEW)}
    for asking, answer in day.answers:
        body = answer.body if isinstance(answer.body, bytes) else str(answer.body)
        assert traces(body, *others[asking]) == traces(str(answer.headers)) == {}, (asking, answer)
        if answer.status >= 400:
            assert traces(str(answer.body)) == {}, "a refusal repeats nothing of what was typed"


async def test_customers_see_what_left_about_them_and_nobody_else(shop: Shop) -> None:
    assert (await shop.ask("GET", "/api/v1/me/disclosures")).status == 401
    await shop.sign_up()
    assert "Nothing yet" in (await shop.get("/account/disclosures")).body
    for card in ("pm_card_visa", "pm_card_mastercard"):
        await shop.save_card(card)

    shown = (await shop.get("/api/v1/me/disclosures")).body["disclosures"]
    page = (await shop.get("/account/disclosures")).body

    assert [line["fields"] for line in shown] == [["payment_method"], ["payment_method"], ["customer_id"]]
    assert page.count("Stripe, which moves the money") == 3
    rest = (await shop.get(f"/api/v1/me/disclosures?limit=1&before={shown[0]['id']}")).body["disclosures"]
    assert rest == shown[1:2]
    assert "Nothing older" in (await shop.get(f"/account/disclosures?before={shown[-1]['id']}")).body
    shop.client.session.cookie_jar.clear()
    await shop.sign_up(email="bea@example.com")
    assert (await shop.get("/api/v1/me/disclosures")).body == {"disclosures": []}
