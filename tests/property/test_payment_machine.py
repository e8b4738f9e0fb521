"""The whole life of payments in one process, driven by Hypothesis: PostgreSQL and the stand-in are real.

Any step may be the last one a process makes.

Whatever happens in whatever order, the books never say more than Stripe, no order is charged twice, and once everything
is quiet both say the same and nothing waits for anything. A failure prints its steps and the blob that repeats it;
`./kale test tests/property --hypothesis-profile=search` looks for one among examples nobody has tried.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kalecart import steps, sweep
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.ids import StaffId, TaskId, new_id
from kalecart.jobs import JOBS
from kalecart.master_keys import FileKeyProvider
from kalecart.orders.order import Order, OrderStatus
from kalecart.orders.pick import start_picking
from kalecart.payments.pay_again import pay_again
from kalecart.payments.prove import prove
from kalecart.tasks import task
from kalecart.vault import open_vault
from tests.builders import Shopper
from tests.clock import FakeClock
from tests.server import Clone, Server
from tests.till import Till, open_till, standing_in
from workers.broker import PERFORMERS
from workers.performing import perform_task

TOTAL = 4 * 500 + 499
# Pays, is declined, waits for its owner, pays and is disputed, pays and refunds late or never.
CARDS = (
    "pm_card_visa",
    "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
    "pm_card_createDispute",
    "pm_card_pendingRefund",
    "pm_card_refundFail",
)
FAULTS = (
    "error_500_before",
    "error_500_after_commit",
    "drop_before",
    "drop_after_commit",
    "rate_limit_429",
    "conflict_409",
)
ORDERS_MAX = 3
QUIET_ROUNDS = 40
EXAMPLES, STEPS_MAX = 40, 30


class Crash(BaseException):
    """The process is gone: nothing after this step has happened."""


@dataclass
class Bought:
    shopper: Shopper
    order: Order


BOOKS = sa.text("""
    SELECT o.status, o.paid_at IS NOT NULL AS paid, i.stripe_id, i.status AS intent,
           ARRAY(SELECT kind || ' ' || amount_cents || ' ' || stripe_id FROM ledger_entry AS l WHERE l.order_id = o.id)
               AS entries,
           (SELECT count(*) FROM attempt AS a WHERE a.order_id = o.id AND a.state IN ('open', 'unknown')) AS open
      FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id WHERE o.id = :id
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


class Payments(RuleBasedStateMachine):
    """One shop; each example is its own few orders."""

    till: Till
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.bought: list[Bought] = []
        self.heard: set[str] = set()
        self.since = self.till.runtime.clock.now()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def until_crash(self, work: Any, crash_after: int | None) -> None:
        """Do it, dying at the step of this number. A refusal is an answer like any other."""
        left = crash_after

        def count(_name: str) -> None:
            nonlocal left
            if left is not None:
                left -= 1
                if left < 0:
                    raise Crash

        steps.listen(count)
        try:
            self.run(work)
        except (Crash, KaleCartError):
            pass
        finally:
            steps.listen(None)

    @initialize()
    def quiet(self) -> None:
        self.run(self.till.ask("DELETE", "faults"))

    @precondition(lambda self: len(self.bought) < ORDERS_MAX)
    @rule(card=st.sampled_from(CARDS))
    def place(self, card: str) -> None:
        shopper = self.run(self.till.a_shopper(card))
        self.bought.append(Bought(shopper, self.run(self.till.places(shopper, TOTAL))))

    @precondition(lambda self: self.bought)
    @rule(crash_after=st.one_of(st.none(), st.integers(0, 14)), which=st.integers(0, 3))
    def work(self, crash_after: int | None, which: int) -> None:
        """A worker takes one task that is due, and may die at any of its steps."""
        if due := self.run(self._due()):
            task_id, topic = due[which % len(due)]
            self.until_crash(perform_task(task_id, PERFORMERS[JOBS[topic]], self.till.runtime), crash_after)

    async def _due(self) -> Sequence[tuple[TaskId, str]]:
        async with self.till.runtime.db.transaction() as tx:
            now = self.till.runtime.clock.now()
            due = sa.select(task.c.id, task.c.topic).where(task.c.state == "pending", task.c.due_at <= now)
            return [(TaskId(row.id), row.topic) for row in await tx.execute(due.order_by(task.c.due_at, task.c.id))]

    @rule(seconds=st.sampled_from([2, 40, 700]))
    def time_passes(self, seconds: int) -> None:
        """Back-offs end, and the leases of the dead lapse."""
        self.till.runtime.clock.advance(seconds=seconds)  # ty: ignore[unresolved-attribute]  # a FakeClock
        self.run(self._rescue())

    async def _rescue(self) -> None:
        async with self.till.runtime.db.transaction() as tx:
            await sweep.rescue(tx, now=self.till.runtime.clock.now())

    @precondition(lambda self: self.bought)
    @rule(kind=st.sampled_from(FAULTS), path=st.sampled_from(["/confirm$", "intents$", "/refunds", "/cancel$"]))
    def trouble(self, kind: str, path: str) -> None:
        self.run(self.till.fault(path, kind))

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, 11), crash_after=st.sampled_from([None, None, 0, 1]))
    def hear(self, which: int, crash_after: int | None) -> None:
        """Some event arrives: early, late, again."""
        if told := self.run(self._events()):
            self.until_crash(self.till.hears(told[which % len(told)]), crash_after)

    async def _events(self) -> list[dict[str, Any]]:
        mine = {await self._stripe_id(one) for one in self.bought} - {None}
        kinds = ("payment_intent.*", "refund.*", "charge.dispute.*")
        told = [event for kind in kinds for event in await self.till.events(kind)]
        return [event for event in told if _intent_of(event) in mine]

    async def _stripe_id(self, one: Bought) -> str | None:
        return (await self.till.payment(one.order)).stripe_id

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, ORDERS_MAX), crash_after=st.sampled_from([None, None, 0, 1]))
    def cancel(self, which: int, crash_after: int | None) -> None:
        self.until_crash(self.till.cancels(self._pick(which).order), crash_after)

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, ORDERS_MAX))
    def begin_picking(self, which: int) -> None:
        run = self.till.runtime
        self.until_crash(
            start_picking(self._pick(which).order.id, by=StaffId(new_id()), db=run.db, clock=run.clock), None
        )

    @precondition(lambda self: self.bought)
    @rule(
        which=st.integers(0, ORDERS_MAX),
        cents=st.sampled_from([None, 1, 700, TOTAL, TOTAL + 1]),
        crash_after=st.sampled_from([None, None, 0, 1]),
    )
    def refund(self, which: int, cents: int | None, crash_after: int | None) -> None:
        self.until_crash(self.till.refunds(self._pick(which).order, amount_cents=cents), crash_after)

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, ORDERS_MAX), card=st.sampled_from(CARDS[:3]), crash_after=st.sampled_from([None, 0, 1]))
    def another_card(self, which: int, card: str, crash_after: int | None) -> None:
        one, run = self._pick(which), self.till.runtime
        method = self.run(self.till.saves(one.shopper.customer_id, card))
        who = one.shopper.customer_id
        again = pay_again(
            one.order.id, method.id, customer_id=who, db=run.db, clock=run.clock, dispatcher=run.dispatcher
        )
        self.until_crash(again, crash_after)

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, ORDERS_MAX), outcome=st.sampled_from(["complete", "fail"]))
    def at_the_bank(self, which: int, outcome: str) -> None:
        self.run(self._at_the_bank(self._pick(which), outcome))

    async def _at_the_bank(self, one: Bought, outcome: str) -> None:
        stripe_id = await self._stripe_id(one)
        page = await _unfaulted(self.till.runtime.gateway.bank_page(stripe_id)) if stripe_id else None
        if page is None:
            return
        given = {**dict(parse_qsl(urlsplit(page).query)), "outcome": outcome}
        async with (
            ClientSession() as session,
            session.post(self.till.stand_in.make_url("/v3/authenticate"), data=given, allow_redirects=False) as answer,
        ):
            assert answer.status == 303

    @precondition(lambda self: self.bought)
    @rule()
    def time_comes_at_stripe(self) -> None:
        """Late refunds and late disputes come to their end."""
        self.run(self.till.ask("POST", "hurry"))

    def _pick(self, which: int) -> Bought:
        return self.bought[which % len(self.bought)]

    @invariant()
    def the_books_say_nothing_that_did_not_happen(self) -> None:
        for one in self.bought:
            self.run(self._hold(one))

    async def _hold(self, one: Bought) -> None:
        row = await self._row(one)
        charges = [entry for entry in row.entries if entry.startswith("charge ")]
        assert row.open <= 1, "two tries could move money at once"
        assert len(charges) <= 1, "charged twice"
        assert row.paid == (row.intent == "succeeded") == bool(charges), "paid, and no money; or money, and not paid"
        assert row.status != "picking" or row.paid, "picked and not paid (C15)"
        assert 0 <= sum(int(entry.split()[1]) for entry in row.entries) <= TOTAL, "more went back than came"

    async def _row(self, one: Bought) -> Any:
        async with self.till.runtime.db.transaction() as tx:
            return (await tx.execute(BOOKS, {"id": one.order.id})).one()

    def teardown(self) -> None:
        """The faults end and everything is heard: then nothing may be left to do, and both sides say the same."""
        steps.listen(None)
        if self.bought:
            self.run(self._settle())

    async def _settle(self) -> None:
        await self.till.ask("DELETE", "faults")
        await self.till.ask("POST", "hurry")
        for _ in range(QUIET_ROUNDS):
            for event in await self._events():
                if event["id"] not in self.heard:
                    self.heard.add(event["id"])
                    await self.till.hears(event)
            await self._rescue()
            worked = await self.till.work()
            self.till.runtime.clock.advance(seconds=700)  # ty: ignore[unresolved-attribute]  # a FakeClock
            if not worked and not await self._unfinished():
                break
            await self.till.ask("POST", "hurry")
        assert await self._unfinished(forget=True) == []
        for one in self.bought:
            await self._hold(one)
            await self._balance(one)
        async with self.till.runtime.db.snapshot() as tx:
            proofs = await prove(tx, now=self.till.runtime.clock.now(), since=self.since)
        assert [f"{proof.invariant.name}: {proof.exceptions}" for proof in proofs if not proof.holds] == []

    async def _unfinished(self, *, forget: bool = False) -> list[str]:
        """What is not done, why not; then forgotten, so that the next example is not blamed for it."""
        waiting = task.c.state.in_(("pending", "running", "dead"))
        async with self.till.runtime.db.transaction() as tx:
            rows = await tx.execute(sa.select(task.c.key, task.c.state, task.c.last_error).where(waiting))
            left = [f"{row.key} {row.state} {row.last_error}" for row in rows]
            if forget:
                await tx.execute(sa.delete(task).where(waiting))
        return left

    async def _balance(self, one: Bought) -> None:
        row = await self._row(one)
        theirs = await self.till.stripe_balance(str(one.order.id))
        assert sum(int(entry.split()[1]) for entry in row.entries) == theirs.cents
        assert theirs.succeeded <= 1, "two payments of one order"
        if row.status == OrderStatus.CANCELLED:
            assert row.intent in {"succeeded", "canceled", None}
            assert theirs.cents == 0 or theirs.refund_failed, "cancelled, and the shop kept the money"


def _intent_of(event: dict[str, Any]) -> str | None:
    about = event["data"]["object"]
    return about["id"] if about["object"] == "payment_intent" else about.get("payment_intent")


async def _unfaulted(look: Any) -> Any:
    try:
        return await look
    except KaleCartError:
        return None


@asynccontextmanager
async def a_till(clone: Clone, server: Server) -> AsyncIterator[Till]:
    db = Database(clone.url(), pool_size_max=8, application="test")
    vault = await open_vault(db, FileKeyProvider(server.master_key_file))
    async with standing_in() as stand_in, open_till(db, vault, FakeClock(), server.master_key_file, stand_in) as till:
        yield till
    await db.close()


@pytest.fixture
def driven(clone: Clone, server: Server) -> Iterator[None]:
    """Hypothesis calls plain functions, so the shop lives on a loop of the machine's own."""
    loop = asyncio.new_event_loop()
    shop = a_till(clone, server)
    Payments.loop, Payments.till = loop, loop.run_until_complete(shop.__aenter__())
    yield
    loop.run_until_complete(shop.__aexit__(None, None, None))
    loop.close()


@pytest.mark.usefixtures("driven")
def test_whatever_happens_in_whatever_order_the_money_adds_up() -> None:
    chosen = settings()
    examples = EXAMPLES if chosen.derandomize else chosen.max_examples
    run_state_machine_as_test(
        Payments,
        settings=settings(
            chosen,
            max_examples=examples,
            stateful_step_count=STEPS_MAX,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
