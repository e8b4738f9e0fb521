"""Bring a look at a dispute into the books: what the bank took, and what it gave back."""

from dataclasses import replace
from datetime import datetime

import structlog

from kalecart import tasks
from kalecart.database import Tx
from kalecart.orders import store as orders
from kalecart.payments import store_disputes as store
from kalecart.payments import store_refunds as ledger
from kalecart.payments.dispute import CLOSED, DisputeSnapshot
from kalecart.payments.judge import judge

log = structlog.get_logger()


async def apply_dispute(tx: Tx, snapshot: DisputeSnapshot, *, now: datetime) -> str:
    """Under the order's lock, follow Stripe; returns the status that is new, `nothing`, or `foreign`.

    The bank takes the money by itself, so a disputed order is never refunded as well.
    """
    order_id = await store.order_of(tx, snapshot)
    if order_id is None:
        await tasks.raise_alert(tx, "foreign_dispute", snapshot.stripe_id, now=now)
        return "foreign"
    order = await orders.lock(tx, order_id)
    before = await store.status_of(tx, snapshot.stripe_id)
    if before == snapshot.status or (before in CLOSED and not snapshot.closed):
        return "nothing"
    stripe_id = snapshot.stripe_id
    amount = await store.taken_cents(tx, stripe_id) or snapshot.amount_cents
    await store.keep(tx, order_id, replace(snapshot, amount_cents=amount), now=now)
    if snapshot.took_money:
        await ledger.write_entry(tx, order_id, "dispute", amount_cents=-amount, stripe_id=stripe_id, now=now)
    if snapshot.gave_back:
        await ledger.write_entry(tx, order_id, "dispute_back", amount_cents=amount, stripe_id=stripe_id, now=now)
    if before is None:
        await orders.tell(tx, order_id, "disputed", now=now, amount_cents=amount)
        await tasks.raise_alert(tx, "dispute", stripe_id, now=now)
    if snapshot.closed:
        await orders.tell(tx, order_id, f"dispute_{snapshot.status}", now=now, amount_cents=amount)
    await judge(tx, order.customer_id, now=now)
    log.info("dispute_applied", order_id=order_id, status=snapshot.status)
    return snapshot.status
