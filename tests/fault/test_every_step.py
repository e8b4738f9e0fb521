"""A process dies at each step there is, once, with one order under way: others finish it, and the money matches.

Everything but the processes is real: a crash is an exception nobody catches, and the next worker finds what a dead one
leaves behind. tests/fault/test_chaos.py does the same to real processes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from chaos.books import books_in, under_way
from chaos.history import History
from chaos.verdict import judge
from kalecart import steps, tasks
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.ids import RefundId, new_id
from kalecart.jobs import CheckPayment
from kalecart.orders.order import Order
from kalecart.payments.pay_again import pay_again
from kalecart.steps import STEPS, Step
from kalecart.sweep import sweep
from kalecart.vault import Vault
from tests.builders import Shopper
from tests.clock import FakeClock
from tests.server import Clone, Server
from tests.till import Till, open_till, standing_in

pytestmark = pytest.mark.fault

TOTAL = 4 * 500 + 499
ROUNDS_MAX = 8
ROUND_S = 20.0


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Day:
    """A shop on one day, on which one process dies."""

    till: Till
    crashed: list[Step] = field(default_factory=list)

    async def does(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """What a client asks for, and asks for again where nobody answers."""
        for _ in range(2):
            try:
                return await act()
            except Crash:
                continue
            except KaleCartError:
                break  # a refusal is an answer
        return None

    async def orders(self, card: str = "pm_card_visa") -> tuple[Shopper, Order]:
        shopper = await self.till.a_shopper(card)
        return shopper, await self.does(lambda: self.till.places(shopper, TOTAL))

    async def works(self) -> None:
        """A worker takes what is due; where it dies, the others go on."""
        while True:
            try:
                if not await self.till.work():
                    return
            except Crash:
                continue

    async def ends(self) -> None:
        """Until nothing is under way any more, or it is clear that it never will be."""
        run = self.till.runtime
        for _ in range(ROUNDS_MAX):
            await self.works()
            run.clock.advance(seconds=ROUND_S)  # ty: ignore[unresolved-attribute]  # a FakeClock
            await self.sweeps()

    async def sweeps(self) -> None:
        run = self.till.runtime
        await self.does(lambda: sweep(db=run.db, clock=run.clock, dispatcher=run.dispatcher))

    async def refund(self, order: Order, **asked: Any) -> None:
        refund_id = RefundId(new_id())
        await self.does(lambda: self.till.refunds(order, refund_id=refund_id, **asked))


async def is_charged(day: Day) -> None:
    await day.orders()


async def is_charged_though_its_hint_is_lost(day: Day) -> None:
    await day.orders()
    day.till.runtime.clock.advance(seconds=ROUND_S)  # ty: ignore[unresolved-attribute]  # a FakeClock
    await day.sweeps()


async def is_charged_in_spite_of_stripe(day: Day) -> None:
    await day.till.fault("payment_intents$", "error_500_after_commit")
    await day.till.fault("confirm$", "drop_after_commit")
    await day.orders()


async def pays_after_a_decline(day: Day) -> None:
    shopper, order = await day.orders("pm_card_chargeCustomerFail")
    await day.ends()
    other = await day.till.saves(shopper.customer_id, "pm_card_visa")
    run = day.till.runtime
    named = {"customer_id": shopper.customer_id, "db": run.db, "clock": run.clock, "dispatcher": run.dispatcher}
    await day.does(lambda: pay_again(order.id, other.id, **named))


async def cancels_at_once(day: Day) -> None:
    _, order = await day.orders()
    await day.does(lambda: day.till.cancels(order))


async def cancels_instead_of_confirming(day: Day) -> None:
    _, order = await day.orders("pm_card_authenticationRequired")
    await day.works()
    await day.does(lambda: day.till.cancels(order))


async def cancels_while_it_is_charged(day: Day) -> None:
    await day.till.fault("payment_intents$", "slow_then_commit", delay_ms=600_000)
    _, order = await day.orders()
    working = asyncio.create_task(day.works())
    await day.till.struck()
    await day.does(lambda: day.till.cancels(order))
    await day.till.ask("DELETE", "faults")
    await working


async def is_refunded_in_part(day: Day) -> None:
    _, order = await day.orders()
    await day.ends()
    await day.refund(order, amount_cents=1_000)


async def is_refunded_in_spite_of_stripe(day: Day) -> None:
    await day.till.fault("refunds$", "drop_after_commit", method="POST")
    await is_refunded_in_part(day)


async def is_refunded_twice_more_than_there_is(day: Day) -> None:
    _, order = await day.orders()
    await day.ends()
    await day.refund(order, amount_cents=TOTAL * 2 // 3)
    await day.refund(order, amount_cents=TOTAL * 2 // 3)


async def is_disputed(day: Day) -> None:
    await day.orders("pm_card_createDispute")
    await day.ends()
    for event in await day.till.events("charge.dispute.created"):
        await day.does(lambda event=event: day.till.hears(event))


async def is_debited(day: Day) -> None:
    shopper = await day.till.pays_from("pm_usBankAccount_success")
    await day.does(lambda: day.till.places(shopper, TOTAL))
    await day.ends()
    await day.till.bank_answers()


async def asks_what_became_of_it(day: Day) -> None:
    _, order = await day.orders("pm_card_authenticationRequired")
    await day.works()
    run = day.till.runtime
    async with run.db.transaction() as tx:
        await tasks.promise(tx, CheckPayment(order_id=order.id, occasion="test"), now=run.clock.now(), hinted=False)
    await day.ends()
    await day.does(lambda: day.till.cancels(order))


Flow = Callable[[Day], Awaitable[None]]
FLOWS: dict[Flow, tuple[Step, ...]] = {
    is_charged: (
        *("place.written", "place.hinted", "task.claimed", "task.performed"),
        *("charge.begun", "charge.intent_made", "charge.attempt_opened", "charge.confirmed", "charge.paid"),
    ),
    is_charged_though_its_hint_is_lost: ("sweep.marked",),
    is_charged_in_spite_of_stripe: (
        *("charge.creation_unanswered", "charge.unanswered", "charge.marked_unknown", "charge.intent_seen"),
        *("task.broken", "task.put_back"),
    ),
    pays_after_a_decline: ("charge.applied", "charge.recorded", "pay_again.applied", "pay_again.written"),
    cancels_at_once: ("cancel.applied", "cancel.written", "task.finished"),
    cancels_instead_of_confirming: (
        *("settle_cancellation.begun", "settle_cancellation.canceled"),
        *("settle_cancellation.applied", "settle_cancellation.recorded"),
    ),
    cancels_while_it_is_charged: ("charge.given_up",),
    is_refunded_in_part: (
        *("refund_order.applied", "refund_order.written", "send_refund.begun", "send_refund.made"),
        *("send_refund.looked", "send_refund.applied", "send_refund.recorded"),
    ),
    is_refunded_in_spite_of_stripe: ("send_refund.unanswered", "send_refund.marked_unknown"),
    is_refunded_twice_more_than_there_is: (),
    is_disputed: (
        *("receive_event.verified", "receive_event.written"),
        *("settle_event.begun", "settle_event.looked", "settle_event.applied", "settle_event.recorded"),
    ),
    is_debited: ("let_ahead.applied", "let_ahead.recorded"),
    asks_what_became_of_it: (
        *("check_payment.begun", "check_payment.looked", "check_payment.applied", "check_payment.recorded"),
    ),
}
# Hints travel by themselves: only a real process can die while it sends them.
OF_A_PROCESS: set[Step] = {"hints.taken", "hints.pushed"}
# `tests/integration/privacy/test_fulfil.py` and `tests/fault/test_killed_privacy_worker.py` die at these.
OF_A_REQUEST: set[Step] = {
    *("fulfil.begun", "fulfil.gathered", "fulfil.packed", "fulfil.kept"),
    "erase.emptied",
}
# `tests/integration/releases/test_release_quarter.py` dies at these.
OF_A_RELEASE: set[Step] = {
    "release.debited",
    "release.counted",
    "release.answers_counted",
    "release.drawn",
    "release.answered",
}
TAKEN = [(flow, step) for flow, taken in FLOWS.items() for step in taken]


@pytest_asyncio.fixture
async def till(db: Database, vault: Vault, clock: FakeClock, server: Server) -> AsyncIterator[Till]:
    async with standing_in() as stand_in, open_till(db, vault, clock, server.master_key_file, stand_in) as till:
        yield till


@pytest.fixture
def day(till: Till) -> Iterator[Day]:
    yield Day(till)
    steps.listen(None)


async def holds(day: Day, clone: Clone) -> None:
    """Whatever happened: everything has come to its end, and the money matches."""
    await day.ends()
    url = make_url(clone.url()).set(drivername="postgresql")
    pg = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        assert await under_way(pg) == []
        books = await books_in(pg, (await day.till.ask("GET", "ledger"))["intents"])
    finally:
        await pg.close()
    findings = judge(History(lambda: 0.0), books)
    assert findings.clean, findings
    assert len(books.orders) == 1


@pytest.mark.parametrize(("flow", "step"), TAKEN, ids=[f"{flow.__name__}-{step}" for flow, step in TAKEN])
async def test_a_process_dies_at_any_step_and_the_order_and_its_money_come_out_right(
    day: Day, clone: Clone, flow: Flow, step: Step
) -> None:
    """E18 is `charge.attempt_opened`, E19 `charge.confirmed`, E20 `place.written`, E32 `settle_event.begun`."""

    def die_once(reached: Step) -> None:
        if reached == step and not day.crashed:
            day.crashed.append(step)
            raise Crash(step)

    steps.listen(die_once)

    await flow(day)

    await day.ends()
    assert day.crashed == [step], "nobody got there, so nothing was proved"
    await holds(day, clone)


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.__name__ for flow in FLOWS])
async def test_without_a_crash_every_way_an_order_can_go_comes_out_right(day: Day, clone: Clone, flow: Flow) -> None:
    await flow(day)

    await holds(day, clone)


def test_every_step_has_a_way_on_which_somebody_dies_there() -> None:
    assert {step for _, step in TAKEN} | OF_A_PROCESS | OF_A_REQUEST | OF_A_RELEASE == set(STEPS)
