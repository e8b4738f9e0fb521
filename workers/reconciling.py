"""Actors that hold Stripe, the ledger and the orders against each other: the clock asks, nobody waits for them."""

from kalecart import tasks
from kalecart.jobs import BackfillEvents, CheckOpenPayments, ProveMoney, Reconcile
from kalecart.payments.ask_again import ask_again
from kalecart.payments.backfill_events import backfill_events
from kalecart.payments.prove import prove_money
from kalecart.payments.reconcile import reconcile
from kalecart.runtime import Runtime


async def ask_about_open(job: CheckOpenPayments, held: tasks.Held, runtime: Runtime) -> None:
    await ask_again(job.slot, held, db=runtime.db, gateway=runtime.gateway.in_background(), clock=runtime.clock)


async def backfill(_job: BackfillEvents, held: tasks.Held, runtime: Runtime) -> None:
    await backfill_events(held, db=runtime.db, gateway=runtime.gateway.in_background(), clock=runtime.clock)


async def compare_with_stripe(_job: Reconcile, held: tasks.Held, runtime: Runtime) -> None:
    await reconcile(held, db=runtime.db, gateway=runtime.gateway.in_background(), clock=runtime.clock)


async def prove(_job: ProveMoney, held: tasks.Held, runtime: Runtime) -> None:
    await prove_money(held, db=runtime.db, clock=runtime.clock)
