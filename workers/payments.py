"""Actors of the queue `payments`."""

from kalecart import tasks
from kalecart.jobs import ChargeOrder, SettleEvent
from kalecart.payments.charge import charge_order
from kalecart.payments.settle_event import settle_event
from kalecart.runtime import Runtime


async def charge(job: ChargeOrder, held: tasks.Held, runtime: Runtime) -> None:
    await charge_order(job, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def settle(job: SettleEvent, held: tasks.Held, runtime: Runtime) -> None:
    await settle_event(job, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)
