"""Collect the payment of an order: claim, call, record.

The PaymentIntent is created first and its id kept; the try is written before it is sent; no transaction is open while
Stripe is asked. Killed anywhere, the next run goes on from what is written: it asks Stripe before it sends a try again,
and sends it under the same key (E18, E19, E21).
"""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import CHARGE_FIELDS
from kalecart.errors import Unavailable
from kalecart.ids import OrderId, new_id
from kalecart.jobs import ChargeOrder
from kalecart.payments import store
from kalecart.payments.apply import apply_intent, record_paid
from kalecart.payments.gateway import Gateway, ServerError
from kalecart.payments.intent import CANCELED, PROCESSING, REQUIRES_ACTION, SUCCEEDED, IntentSnapshot
from kalecart.payments.note_told import note_told
from kalecart.payments.store import Attempt, Begun
from kalecart.steps import step

SETTLED = frozenset({SUCCEEDED, PROCESSING, CANCELED})


async def charge_order(
    job: ChargeOrder, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Charge a placed order with the method it names. Does nothing where it is paid or this try has ended."""
    async with db.direct() as pg:
        begun = await store.begin(pg, job.order_id, now=clock.now())
    if begun is None:
        return
    step("charge.begun")
    stripe_id = begun.stripe_id or await _create(job.order_id, begun, db=db, gateway=gateway)
    async with db.direct() as pg:
        opened = await store.open_attempt(
            pg, job.order_id, stripe_id, number=job.attempt, method_id=begun.method_id, now=clock.now()
        )
    step("charge.attempt_opened")
    if opened is None and begun.stripe_id is None:
        # Cancelled while we made the intention: nobody else knows of it, but Stripe knows the order.
        await note_told(begun.customer_id, CHARGE_FIELDS, reference=job.order_id, db=db, clock=clock)
        await gateway.cancel_intent(stripe_id, key=f"cancel:{new_id()}")
        step("charge.given_up")
    if opened is None or opened.ended:
        return
    snapshot = await _collect(job.order_id, opened, begun, db=db, gateway=gateway)
    step("charge.confirmed")
    as_usual = snapshot.method_id in {None, begun.stripe_method_id}
    if held is not None and as_usual and await record_paid(snapshot, held, db=db, clock=clock):
        step("charge.paid")
        return
    async with db.transaction() as tx:
        now = clock.now()
        await apply_intent(tx, snapshot, now=now)
        await tasks.finish_fact(tx, held, now=now)
        step("charge.applied")
    step("charge.recorded")


async def _create(order_id: OrderId, begun: Begun, *, db: Database, gateway: Gateway) -> str:
    try:
        created = await gateway.create_intent(
            order_id,
            amount_cents=begun.amount_cents,
            stripe_customer_id=begun.stripe_customer_id,
            key=f"create:{order_id}:{begun.server_errors}",
        )
    except ServerError:
        # An intent may exist that we never learn the id of. It was not confirmed and cannot move money.
        step("charge.creation_unanswered")
        async with db.transaction() as tx:
            await store.count_creation_error(tx, order_id)
        raise
    step("charge.intent_made")
    return created.stripe_id


async def _collect(
    order_id: OrderId, opened: Attempt, begun: Begun, *, db: Database, gateway: Gateway
) -> IntentSnapshot:
    if not opened.fresh:
        seen = await gateway.read_intent(opened.stripe_id)
        step("charge.intent_seen")
        if seen.status in SETTLED or (seen.status == REQUIRES_ACTION and seen.method_id == begun.stripe_method_id):
            return seen
    try:
        return await gateway.confirm_intent(
            opened.stripe_id, method_id=begun.stripe_method_id, order_id=order_id, key=opened.stripe_key
        )
    except Unavailable as error:
        step("charge.unanswered")
        async with db.transaction() as tx:
            await store.mark_unknown(tx, opened.id)
            if isinstance(error, ServerError):
                await store.count_attempt_error(tx, opened.id)
        step("charge.marked_unknown")
        raise
