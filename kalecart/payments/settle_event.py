"""Bring a received event into the books. The event only says where to look: Stripe is asked for the present state."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.jobs import SettleEvent
from kalecart.payments import inbox
from kalecart.payments.apply import apply_intent
from kalecart.payments.apply_dispute import apply_dispute
from kalecart.payments.apply_method import apply_method
from kalecart.payments.apply_refund import apply_refund
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.gateway import Gateway
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.method import MethodSnapshot
from kalecart.payments.refund import RefundSnapshot
from kalecart.steps import step
from kalecart.vault import Vault

Look = IntentSnapshot | RefundSnapshot | DisputeSnapshot | MethodSnapshot


async def settle_event(
    job: SettleEvent, held: tasks.Held | None, *, db: Database, gateway: Gateway, vault: Vault, clock: Clock
) -> None:
    """Early, late, repeated and foreign events all end here, once (E27, E28, E31)."""
    async with db.direct() as pg:
        if held is not None and await inbox.finish_settled(pg, job.event_id, held, now=clock.now()):
            return
        event = await inbox.unsettled(pg, job.event_id)
    if event is None:
        return
    step("settle_event.begun")
    # A payment that is in the books stays there: nothing to ask.
    looks = [] if event["paid"] else await _look(event["type"], event["object_id"], gateway)
    step("settle_event.looked")
    async with db.transaction() as tx:
        now = clock.now()
        outcome = "already_paid"
        for look in looks:
            outcome = await _apply(tx, look, vault, clock)
        await inbox.settle(tx, job.event_id, outcome=outcome, now=now)
        await tasks.finish(tx, held, now=now)
        step("settle_event.applied")
    step("settle_event.recorded")


async def _look(kind: str, object_id: str, gateway: Gateway) -> list[Look]:
    """What the event is about, the payment first: a refund or a dispute may be told of before the charge it undoes."""
    if kind.startswith("payment_intent."):
        return [await gateway.read_intent(object_id)]
    if kind.startswith("payment_method."):
        return [await gateway.read_method(object_id)]
    refers = kind.startswith("refund.")
    look = await gateway.read_refund(object_id) if refers else await gateway.read_dispute(object_id)
    return [await gateway.read_intent(look.intent_id), look] if look.intent_id else [look]


async def _apply(tx: Tx, look: Look, vault: Vault, clock: Clock) -> str:
    now = clock.now()
    if isinstance(look, RefundSnapshot):
        return await apply_refund(tx, look, now=now)
    if isinstance(look, DisputeSnapshot):
        return await apply_dispute(tx, look, now=now)
    if isinstance(look, MethodSnapshot):
        return await apply_method(tx, look, vault=vault, now=now)
    finding = await apply_intent(tx, look, now=now)
    return "foreign" if finding is None else str(finding)
