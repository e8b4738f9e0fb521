"""Whatever leaves has its line in the ledger of disclosures, and every line its traffic (C10); nothing else is left
lying about: not in a log, a table, an error, an address (C8, E72)."""

import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from kalecart import logs
from kalecart.disclosures import CHARGE_FIELDS, Disclosure, Field, Recipient, disclosures_of
from kalecart.ids import new_id
from kalecart.mail.smtp import SmtpPostman
from kalecart.payments.bank_account import MANDATE_SHA256
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from stripesim.app import Options, make_app
from tests.clock import FakeClock
from tests.planted import ANA, BEA, Planted, traces
from tests.post_office import PostOffice, running_post_office
from tests.web.shop import PASSWORD, Answer, Shop
from tests.web.works import work

STAFF = "orders@example.com"


@dataclass
class Wire:
    """Every request of the shop's that reached Stripe: method, path, form."""

    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @web.middleware
    async def record(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        body = await request.read()
        head = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        self.bodies.append(f"{request.method} {request.path_qs}\n{head}\n".encode() + body)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.asked.append((request.method, request.path, form))
        return await handler(request)

    def told(self) -> dict[str, set[Field]]:
        """What Stripe learned of people, by what it was about: its own ids given back to it say nothing new."""
        learned: dict[str, set[Field]] = {}
        order_of: dict[str, str] = {}
        for method, path, form in self.asked:
            match [method, *path.removeprefix("/v1/").split("/")]:
                case ["POST", "customers"]:
                    learned.setdefault(form["metadata[customer_id]"], set()).add(Field.CUSTOMER_ID)
                case ["POST", "payment_methods", method_id, "attach"]:
                    learned.setdefault(method_id, set()).add(Field.PAYMENT_METHOD)
                case ["POST", "payment_intents"]:
                    order_of[form["metadata[order_id]"]] = form["amount"]
                    learned.setdefault(form["metadata[order_id]"], set()).update({Field.ORDER_ID, Field.AMOUNT})
                case ["POST", "payment_intents", _, "confirm"]:
                    order = form["return_url"].split("/")[-2]
                    learned.setdefault(order, set()).update({Field.ORDER_ID, Field.PAYMENT_METHOD})
                case ["POST", "refunds"]:
                    learned.setdefault(form["metadata[refund_id]"], set()).add(Field.AMOUNT)
                case ["POST", "setup_intents"]:
                    assert "mandate_data[customer_acceptance][online][ip_address]" in form
                    mandate = {Field.INTERNET_ADDRESS, Field.BROWSER, Field.PAYMENT_METHOD}
                    learned.setdefault(form["payment_method"], set()).update(mandate)
                case ["GET", *_]:
                    assert form == {}
                case [_, *rest]:
                    raise AssertionError(f"nobody has said what Stripe learns by {'/'.join(rest)}")
        return learned


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
    await _nothing_lies_about(day, spoken)


async def _stripe_and_the_ledger_agree(day: Day, wire: Wire) -> None:
    lines = [*await _ledger(day, ANA), *await _ledger(day, BEA)]
    written: dict[str, set[Field]] = {}
    for line in lines:
        if line.recipient is Recipient.STRIPE:
            written.setdefault(line.reference, set()).update(line.fields)
    assert written == wire.told()

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
        (seed,) = traces(text)  # of one person only
        assert traces(text)[seed] <= {"name", "email"}
        sent[seed].add(letter["Message-ID"].strip("<>").partition("@")[0])
    for person in (ANA, BEA):
        mail = [line for line in await _ledger(day, person) if line.recipient is Recipient.MAIL]
        assert {line.reference for line in mail} == sent[person.seed] != set()
        assert all({Field.NAME, Field.EMAIL, Field.LETTER} <= set(line.fields) for line in mail)
    handed = [line for line in await _ledger(day, BEA) if line.recipient is Recipient.COURIER]
    assert [line.reference for line in handed] == [day.orders[BEA.seed]]
    assert [line for line in await _ledger(day, ANA) if line.recipient is Recipient.COURIER] == []


async def _nothing_lies_about(day: Day, spoken: io.StringIO) -> None:
    tables = await everything(day)
    assert {"task", "mail", "disclosure", "audit_entry", "alert"} <= set(tables)
    assert {table: traces(text) for table, text in tables.items() if traces(text)} == {}
    assert "intent_applied" in spoken.getvalue()
    assert traces(spoken.getvalue()) == {}
    others = {ANA.seed: (BEA,), BEA.seed: (ANA,), "staff": (ANA, BEA)}
    for asking, answer in day.answers:
        assert traces(str(answer.body) + str(answer.headers), *others[asking]) == {}, (asking, answer)
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
