"""The money of a cancelled order: what was not taken is not taken any more, what was taken goes back."""

from typing import Final
from uuid import UUID, uuid5

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.ids import RefundId, new_id
from kalecart.jobs import SettleCancellation
from kalecart.orders import store as orders
from kalecart.orders.order import Asker
from kalecart.payments import store, store_refunds
from kalecart.payments.apply import apply_intent
from kalecart.payments.gateway import Gateway
from kalecart.payments.intent import CANCELED, SUCCEEDED
from kalecart.payments.refund import AskRefund, RefundReason
from kalecart.payments.refund_order import refund_locked
from kalecart.steps import step

# The refund of one cause is one refund, whoever promises it and however often.
_REFUNDS: Final = UUID("5d7c0a5e-6d0b-4f0e-9a55-7a0f2f3f8a11")


async def settle_cancellation(
    job: SettleCancellation, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Refund what was collected, or cancel the intention to collect. A bank debit under way ends later, and then comes
    back here with its charge as the cause."""
    async with db.direct() as pg:
        collected = await store.collected(pg, job.order_id)
    step("settle_cancellation.begun")
    snapshot = None
    if collected is not None and collected.stripe_id is not None and collected.status not in {SUCCEEDED, CANCELED}:
        # Cancelling twice is cancelling once; a key used before would only repeat an error of Stripe's own for a day.
        snapshot = await gateway.cancel_intent(collected.stripe_id, key=f"cancel:{new_id()}")
        step("settle_cancellation.canceled")
    async with db.transaction() as tx:
        now = clock.now()
        await orders.lock(tx, job.order_id)
        if snapshot is not None:
            await apply_intent(tx, snapshot, now=now)
        elif collected is not None and collected.stripe_id is None:
            await store.set_status(tx, job.order_id, CANCELED)
        await _refund(tx, job, clock)
        await tasks.finish(tx, held, now=now)
        step("settle_cancellation.applied")
    step("settle_cancellation.recorded")


async def _refund(tx: Tx, job: SettleCancellation, clock: Clock) -> None:
    if (await store_refunds.returnable(tx, job.order_id)).remaining_cents == 0:
        return
    cancelled = job.cause == "cancelled"
    asked = AskRefund(
        refund_id=RefundId(uuid5(_REFUNDS, f"{job.order_id}:{job.cause}")),
        order_id=job.order_id,
        reason=RefundReason.CANCELLED if cancelled else RefundReason.PAID_AFTER_CANCELLING,
        by=Asker.SHOP,
    )
    await refund_locked(tx, asked, clock=clock, hinted=False)
