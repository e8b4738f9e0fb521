"""Actors of the queue `payments`."""

from kalecart import tasks
from kalecart.jobs import ChargeOrder, CheckPayment, DetachMethod, LetAhead, SendRefund, SettleCancellation, SettleEvent
from kalecart.payments.charge import charge_order
from kalecart.payments.check_payment import check_payment
from kalecart.payments.detach_method import detach_method
from kalecart.payments.let_ahead import let_ahead
from kalecart.payments.send_refund import send_refund
from kalecart.payments.settle_cancellation import settle_cancellation
from kalecart.payments.settle_event import settle_event
from kalecart.runtime import Runtime


async def charge(job: ChargeOrder, held: tasks.Held, runtime: Runtime) -> None:
    await charge_order(job, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def settle(job: SettleEvent, held: tasks.Held, runtime: Runtime) -> None:
    await settle_event(job, held, db=runtime.db, gateway=runtime.gateway, vault=runtime.vault, clock=runtime.clock)


async def undo(job: SettleCancellation, held: tasks.Held, runtime: Runtime) -> None:
    await settle_cancellation(job, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def give_back(job: SendRefund, held: tasks.Held, runtime: Runtime) -> None:
    await send_refund(job, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def check(job: CheckPayment, held: tasks.Held, runtime: Runtime) -> None:
    await check_payment(job.order_id, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def forget(job: DetachMethod, held: tasks.Held, runtime: Runtime) -> None:
    await detach_method(job.method_id, held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock)


async def go_ahead(job: LetAhead, held: tasks.Held, runtime: Runtime) -> None:
    await let_ahead(job.order_id, held, db=runtime.db, clock=runtime.clock, rule=runtime.settings.terms.go_ahead)
