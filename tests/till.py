"""The shop's payments on real parts: PostgreSQL, the Stripe stand-in over HTTP, and tasks worked off one by one."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import stripe
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from kalecart.database import Database
from kalecart.ids import RefundId, TaskId, new_id
from kalecart.jobs import JOBS
from kalecart.orders import store as orders
from kalecart.orders.cancel import cancel_order
from kalecart.orders.order import Asker, Order, OrderStatus
from kalecart.orders.place import place_order
from kalecart.orders.tables import order_event
from kalecart.payments.bank_account import MANDATE_SHA256, Acceptance
from kalecart.payments.method import PaymentMethodView
from kalecart.payments.reads import PaymentView, payment_of
from kalecart.payments.receive_event import receive_event
from kalecart.payments.refund import AskRefund, RefundReason
from kalecart.payments.refund_order import refund_order
from kalecart.payments.save_account import Counter, save_account
from kalecart.payments.save_card import save_card
from kalecart.payments.stripe import StripeGateway
from kalecart.payments.tables import ledger_entry
from kalecart.runtime import Runtime
from kalecart.settings import Settings
from kalecart.tasks import alert, task
from kalecart.vault import Vault
from stripesim.app import Options, make_app
from tests.builders import TERMS, Shopper, a_customer, a_product, a_window
from tests.clock import FakeClock
from tests.hints import RecordedHints
from workers.broker import PERFORMERS
from workers.performing import perform_task

WEBHOOK_SECRET = "whsec_test"
PATIENCE_S = 120.0
SECRET_KEY = "sk_test_kalecart"


@dataclass(frozen=True)
class Balance:
    """What Stripe says of an order: cents that stayed with the shop, and how many of its payments succeeded."""

    cents: int
    succeeded: int
    refund_failed: bool


@asynccontextmanager
async def standing_in() -> AsyncIterator[TestServer]:
    async with TestServer(make_app(Options(), now=time.time)) as server:
        yield server


@asynccontextmanager
async def open_till(
    db: Database, vault: Vault, clock: FakeClock, master_key_file: Path, stand_in: TestServer
) -> AsyncIterator["Till"]:
    """A shop that sells kale for five dollars."""
    settings = Settings(
        database_url=SecretStr("unused"), valkey_url=SecretStr("unused"), master_key_file=master_key_file
    )
    await a_product(db, "kale", price_cents=500, on_hand=1_000_000)
    api_base = str(stand_in.make_url("")).rstrip("/")
    async with StripeGateway.open(
        SECRET_KEY, api_base=api_base, webhook_secret=WEBHOOK_SECRET, shop_url="http://shop.test"
    ) as gateway:
        runtime = Runtime(
            db=db,
            clock=clock,
            vault=vault,
            gateway=gateway,
            dispatcher=RecordedHints(),  # ty: ignore[invalid-argument-type]
            settings=settings,
        )
        yield Till(runtime, stand_in)


@dataclass
class Till:
    runtime: Runtime
    stand_in: TestServer

    async def a_shopper(self, card: str = "pm_card_visa", *, sku: str = "kale", quantity: int = 4) -> Shopper:
        """A customer who saved a card at the stand-in and filled a cart."""
        now = self.runtime.clock.now()
        customer_id = await a_customer(self.runtime.db, self.runtime.vault, now=now)
        method = await self.saves(customer_id, card)
        shopper = Shopper(self.runtime.db, customer_id, method.id, await a_window(self.runtime.db, now=now))
        await shopper.puts(sku, quantity, now=now)
        self.runtime.clock.advance(seconds=1)  # ty: ignore[unresolved-attribute]  # a FakeClock
        return shopper

    async def saves(self, customer_id: Any, card: str) -> PaymentMethodView:
        run = self.runtime
        return await save_card(
            card, customer_id=customer_id, db=run.db, gateway=run.gateway, vault=run.vault, clock=run.clock
        )

    def counter(self, customer_id: Any) -> Counter:
        run = self.runtime
        return Counter(customer_id=customer_id, db=run.db, gateway=run.gateway, vault=run.vault, clock=run.clock)

    async def saves_account(self, customer_id: Any, account: str = "pm_usBankAccount_success") -> PaymentMethodView:
        """A bank account with its owner's permission to debit it."""
        accepted = Acceptance(words_sha256=MANDATE_SHA256, origin="203.0.113.7", agent="a browser")
        return await save_account(account, accepted, self.counter(customer_id))

    async def pays_from(self, account: str, **of: Any) -> Shopper:
        """A shopper whose order will be paid from a bank account."""
        shopper = await self.a_shopper(**of)
        shopper.card = (await self.saves_account(shopper.customer_id, account)).id
        return shopper

    async def bank_answers(self) -> None:
        """The days pass that a bank takes, and what it said arrives."""
        await self.ask("POST", "hurry")
        known = {key.removeprefix("settle_event:") for key in await self.tasks()}
        for event in reversed(await self.events()):
            if event["id"] not in known:
                await self.hears(event)
        await self.work()
        await self.work()

    async def places(self, shopper: Shopper, total_cents: int, *, key: str = "key-1") -> Order:
        run = self.runtime
        asked = shopper.asks(total_cents, key=key)
        return await place_order(asked, db=run.db, clock=run.clock, dispatcher=run.dispatcher, terms=TERMS)

    async def work(self) -> int:
        """Perform every task that is due, once; returns how many there were."""
        async with self.runtime.db.transaction() as tx:
            due = sa.select(task.c.id, task.c.topic).where(
                task.c.state == "pending", task.c.due_at <= self.runtime.clock.now()
            )
            rows = (await tx.execute(due.order_by(task.c.due_at, task.c.id))).all()
        for row in rows:
            await perform_task(TaskId(row.id), PERFORMERS[JOBS[row.topic]], self.runtime)
        return len(rows)

    async def work_until_quiet(self, rounds: int = 12) -> None:
        """Go on, letting time pass between retries, until nothing is promised any more."""
        for _ in range(rounds):
            await self.work()
            self.runtime.clock.advance(minutes=11)  # ty: ignore[unresolved-attribute]  # a FakeClock

    async def cancels(self, order: Order, *, by: Asker = Asker.CUSTOMER) -> Order:
        run = self.runtime
        return await cancel_order(order.id, by=by, db=run.db, clock=run.clock, dispatcher=run.dispatcher)

    async def refunds(self, order: Order, **asked: Any) -> None:
        """Staff give money back, all that remains unless told otherwise."""
        run = self.runtime
        refund_id = asked.pop("refund_id", None) or RefundId(new_id())
        given = {"reason": RefundReason.GOODWILL, "by": Asker.SHOP, **asked}
        wanted = AskRefund(refund_id=refund_id, order_id=order.id, **given)
        await refund_order(wanted, db=run.db, clock=run.clock, dispatcher=run.dispatcher)

    async def status(self, order: Order) -> OrderStatus:
        async with self.runtime.db.transaction() as tx:
            return (await orders.lock(tx, order.id)).status

    async def told(self, order: Order) -> list[str]:
        """The order's timeline."""
        async with self.runtime.db.transaction() as tx:
            kinds = sa.select(order_event.c.kind).where(order_event.c.order_id == order.id)
            return list((await tx.execute(kinds.order_by(order_event.c.at, order_event.c.id))).scalars())

    async def alerts(self) -> list[str]:
        async with self.runtime.db.transaction() as tx:
            return list((await tx.execute(sa.select(alert.c.kind).order_by(alert.c.kind))).scalars())

    async def one(self, statement: str) -> Any:
        async with self.runtime.db.transaction() as tx:
            return await tx.scalar(sa.text(statement))

    async def kept(self) -> tuple[int, int]:
        """What the shop kept of all it took, in cents: by our ledger, and by Stripe's."""
        totals = (await self.ask("GET", "ledger?totals_only=1"))["totals"]
        return sum(await self.ledger()), totals["net"]

    async def payment(self, order: Order) -> PaymentView:
        async with self.runtime.db.transaction() as tx:
            return await payment_of(tx, order.id)

    async def ledger(self) -> list[int]:
        """In the order they were written: a table that was emptied before takes its rows wherever there is room."""
        async with self.runtime.db.transaction() as tx:
            amounts = sa.select(ledger_entry.c.amount_cents).order_by(ledger_entry.c.at, ledger_entry.c.id)
            return list((await tx.execute(amounts)).scalars())

    async def tasks(self) -> dict[str, str]:
        async with self.runtime.db.transaction() as tx:
            return {row.key: row.state for row in await tx.execute(sa.select(task.c.key, task.c.state))}

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """The stand-in's own interface: faults and its ledger."""
        async with (
            ClientSession() as session,
            session.request(method, self.stand_in.make_url(f"/_sim/{path}"), json=body or None) as answer,
        ):
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def fault(self, path: str, kind: str, *, times: int = 1, method: str | None = None, **more: Any) -> None:
        match = {"path_regex": path} | ({"method": method} if method else {})
        await self.ask("POST", "faults", match=match, kind=kind, times=times, **more)

    async def struck(self) -> None:
        """Wait until a fault has happened to a request."""
        async with asyncio.timeout(PATIENCE_S):  # a bounded poll: a server sets no event
            while not any(rule["happened"] for rule in (await self.ask("GET", "faults"))["faults"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def stripe(self, path: str, **form: Any) -> dict[str, Any]:
        """Somebody asks Stripe directly, as its dashboard does."""
        async with (
            ClientSession(headers={"Authorization": f"Bearer {SECRET_KEY}"}) as session,
            session.post(self.stand_in.make_url(path), data={name: str(value) for name, value in form.items()}) as made,
        ):
            assert made.status == 200, await made.text()
            return await made.json()

    async def stripe_says(self) -> list[int]:
        """The amounts that really moved, as the stand-in knows them."""
        intents = (await self.ask("GET", "ledger"))["intents"]
        return [intent["amount_received"] for intent in intents if intent["status"] == "succeeded"]

    async def stripe_balance(self, order_id: str) -> Balance:
        intents = (await self.ask("GET", "ledger"))["intents"]
        mine = [intent for intent in intents if intent["metadata"].get("order_id") == order_id]
        refunds = [refund for intent in mine for refund in intent["refunds"]]
        back = sum(refund["amount"] for refund in refunds if refund["status"] in {"pending", "succeeded"})
        taken = sum(dispute["withdrawn"] for intent in mine for dispute in intent["disputes"])
        return Balance(
            cents=sum(intent["amount_received"] for intent in mine) - back - taken,
            succeeded=sum(intent["status"] == "succeeded" for intent in mine),
            refund_failed=any(refund["status"] == "failed" for refund in refunds),
        )

    async def stripe_ids(self) -> list[str]:
        return [intent["id"] for intent in (await self.ask("GET", "ledger"))["intents"]]

    async def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        async with (
            ClientSession(headers={"Authorization": f"Bearer {SECRET_KEY}"}) as session,
            session.get(
                self.stand_in.make_url("/v1/events"), params={"limit": "100"} | ({"type": kind} if kind else {})
            ) as answer,
        ):
            return (await answer.json())["data"]

    async def hears(self, event: dict[str, Any], *, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> None:
        """An event arrives at the webhook, signed."""
        payload = json.dumps(event).encode()
        stamp = int(time.time()) - age_s
        signed = stripe.WebhookSignature._compute_signature(f"{stamp}.{payload.decode()}", secret)
        run = self.runtime
        await receive_event(
            payload,
            f"t={stamp},v1={signed}",
            db=run.db,
            reader=run.gateway,
            clock=run.clock,
            dispatcher=run.dispatcher,
        )
