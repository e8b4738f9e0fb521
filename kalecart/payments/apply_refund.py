"""Bring a look at a refund into the books: the one way, for the worker, the webhook and the reconciler."""

from datetime import datetime

import structlog

from kalecart import tasks
from kalecart.database import Tx
from kalecart.jobs import MailKind, SendMail
from kalecart.orders import store as orders
from kalecart.payments import store_refunds as store
from kalecart.payments.refund import ARROWS, RefundSnapshot, RefundState, movement

log = structlog.get_logger()


async def apply_refund(tx: Tx, snapshot: RefundSnapshot, *, now: datetime) -> str:
    """Under the order's lock, follow Stripe; returns what was found: the new state, `nothing`, or `foreign`.

    A refund of ours that nobody asked us for was made in Stripe's dashboard, and is money all the same.
    """
    order_id = await store.order_of(tx, snapshot)
    if order_id is None:
        await tasks.raise_alert(tx, "foreign_refund", str(snapshot.stripe_id), now=now)
        return "foreign"
    await orders.lock(tx, order_id)
    kept = await store.kept(tx, snapshot)
    before = kept.state if kept else RefundState.OPEN
    refund_id = kept.id if kept else await store.add_foreign(tx, order_id, snapshot, now=now)
    if snapshot.state not in ARROWS[before]:
        return "nothing"
    await store.advance(tx, refund_id, snapshot, now=now)
    amount, stripe_id = snapshot.amount_cents, str(snapshot.stripe_id)
    moved = movement(before, snapshot.state)
    if moved < 0:
        await store.write_entry(tx, order_id, "refund", amount_cents=-amount, stripe_id=stripe_id, now=now)
        await orders.tell(tx, order_id, "refunded", now=now, amount_cents=amount)
        letter = SendMail(kind=MailKind.REFUND_RECEIPT, subject=order_id, occasion=str(refund_id))
        await tasks.promise(tx, letter, now=now, hinted=False)
    if moved > 0:
        await store.write_entry(tx, order_id, "refund_back", amount_cents=amount, stripe_id=stripe_id, now=now)
    if snapshot.state is RefundState.FAILED:
        # The customer is still owed this money, and only a person can find another way.
        await orders.tell(tx, order_id, "refund_failed", now=now, amount_cents=amount)
        await tasks.raise_alert(tx, "refund_failed", str(refund_id), now=now)
    log.info("refund_applied", order_id=order_id, status=str(snapshot.state))
    return str(snapshot.state)
