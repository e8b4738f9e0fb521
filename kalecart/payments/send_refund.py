"""Ask Stripe to give money back: claim, call, record. Stripe is asked first whether it has made this refund (E35).

Also on what seems the first try: a task that staff begin anew counts from one again, and Stripe forgets a key in a day.
"""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field
from kalecart.errors import Unavailable
from kalecart.jobs import SendRefund
from kalecart.payments import store_refunds as store
from kalecart.payments.apply_refund import apply_refund
from kalecart.payments.gateway import Gateway, ServerError
from kalecart.payments.note_told import note_told
from kalecart.payments.refund import RefundSnapshot, RefundState
from kalecart.steps import step


async def send_refund(
    job: SendRefund, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    async with db.direct() as pg:
        sending = await store.to_send(pg, job.refund_id)
    if sending is None:
        return
    step("send_refund.begun")
    snapshot = await _made(job, sending, gateway)
    if snapshot is None:
        await _disclose(job, sending, db, clock)
        snapshot = await _make(job, sending, db, gateway)
    step("send_refund.made")
    async with db.transaction() as tx:
        now = clock.now()
        await apply_refund(tx, snapshot, now=now)
        await tasks.finish_fact(tx, held, now=now)
        step("send_refund.applied")
    step("send_refund.recorded")


async def _made(job: SendRefund, sending: store.ToSend, gateway: Gateway) -> RefundSnapshot | None:
    """What an earlier try may have made without our learning of it."""
    made = await gateway.refunds_of(sending.stripe_id)
    step("send_refund.looked")
    return next((refund for refund in made if refund.refund_id == job.refund_id), None)


async def _disclose(job: SendRefund, sending: store.ToSend, db: Database, clock: Clock) -> None:
    """Once, and before it leaves: one that is `unknown` was sent before (C10)."""
    if sending.state == RefundState.OPEN:
        await note_told(sending.customer_id, (Field.AMOUNT,), reference=job.refund_id, db=db, clock=clock)


async def _make(job: SendRefund, sending: store.ToSend, db: Database, gateway: Gateway) -> RefundSnapshot:
    try:
        return await gateway.create_refund(
            job.refund_id,
            stripe_id=sending.stripe_id,
            amount_cents=sending.amount_cents,
            key=f"refund:{job.refund_id}:{sending.server_errors}",
        )
    except Unavailable as error:
        step("send_refund.unanswered")
        async with db.transaction() as tx:
            await store.mark_unknown(tx, job.refund_id, server_error=isinstance(error, ServerError))
        step("send_refund.marked_unknown")
        raise
