"""All SQL that changes refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Pg, Tx
from kalecart.ids import CustomerId, OrderId, RefundId, new_id
from kalecart.payments.refund import (
    AskRefund,
    Recorded,
    RefundReason,
    RefundSnapshot,
    RefundState,
    Returnable,
    SoldLine,
)
from kalecart.payments.tables import ledger_entry, refund, refund_line

_ID: Final = sa.bindparam("id", type_=sa.Uuid)

# What is under way counts as gone: it may be in a minute.
_RETURNABLE: Final = sa.text("""
    SELECT coalesce((SELECT sum(amount_cents) FROM ledger_entry
                      WHERE order_id = :id AND kind = 'charge'), 0) AS charged,
           coalesce((SELECT sum(amount_cents) FROM refund WHERE order_id = :id AND state <> 'failed'), 0) AS refunded,
           coalesce((SELECT -sum(amount_cents) FROM ledger_entry
                      WHERE order_id = :id AND kind IN ('dispute', 'dispute_back')), 0) AS disputed
""").bindparams(_ID)

_SOLD: Final = sa.text("""
    SELECT l.sku, l.quantity, l.unit_price_cents, l.tax_category = 'taxable' AS taxable,
           coalesce((SELECT sum(r.quantity) FROM refund_line AS r JOIN refund ON refund.id = r.refund_id
                      WHERE refund.order_id = :id AND refund.state <> 'failed' AND r.sku = l.sku), 0)::int AS returned
      FROM order_line AS l WHERE l.order_id = :id
""").bindparams(_ID)


async def returnable(tx: Tx, order_id: OrderId) -> Returnable:
    """What of an order's money can still go back. The caller has locked the order."""
    row = (await tx.execute(_RETURNABLE, {"id": order_id})).one()
    return Returnable(charged_cents=row.charged, refunded_cents=row.refunded, disputed_cents=row.disputed)


async def sold(tx: Tx, order_id: OrderId) -> tuple[Sequence[SoldLine], int]:
    """The lines of an order with what of them went back, and the tax it carries in cents."""
    rows = (await tx.execute(_SOLD, {"id": order_id})).mappings()
    tax = await tx.scalar(
        sa.text("SELECT tax_cents FROM customer_order WHERE id = :id").bindparams(_ID), {"id": order_id}
    )
    return [SoldLine(**row) for row in rows], int(tax or 0)


async def recorded(tx: Tx, refund_id: RefundId) -> Recorded | None:
    """A refund that was asked before."""
    same = (refund.c.order_id, refund.c.amount_cents, refund.c.reason, refund.c.whole)
    row = (await tx.execute(sa.select(*same).where(refund.c.id == refund_id))).one_or_none()
    if row is None:
        return None
    units = sa.select(refund_line.c.sku, refund_line.c.quantity).where(refund_line.c.refund_id == refund_id)
    return Recorded(
        order_id=OrderId(row.order_id),
        amount_cents=row.amount_cents,
        reason=RefundReason(row.reason),
        whole=row.whole,
        lines={line.sku: line.quantity for line in await tx.execute(units)},
    )


async def add(tx: Tx, asked: AskRefund, *, amount_cents: int, lines: Mapping[str, int], now: datetime) -> None:
    """Write a refund before it is sent. `lines` are the cents of each line it is for."""
    await tx.execute(
        sa.insert(refund).values(
            id=asked.refund_id,
            order_id=asked.order_id,
            amount_cents=amount_cents,
            whole=asked.amount_cents is None and not lines,
            reason=str(asked.reason),
            asked_by=str(asked.by),
            staff_id=asked.staff_id,
            asked_at=now,
        )
    )
    rows = [
        {"refund_id": asked.refund_id, "sku": sku, "quantity": (asked.lines or {})[sku], "amount_cents": cents}
        for sku, cents in lines.items()
    ]
    if rows:
        await tx.execute(sa.insert(refund_line), rows)


@dataclass(frozen=True, kw_only=True)
class ToSend:
    """A refund that Stripe has not been heard about."""

    customer_id: CustomerId
    stripe_id: str
    amount_cents: int
    state: str
    server_errors: int


_TO_SEND: Final = """
    SELECT o.customer_id, i.stripe_id, r.amount_cents, r.state, r.server_errors
      FROM refund AS r JOIN payment_intent AS i ON i.order_id = r.order_id JOIN customer_order AS o ON o.id = r.order_id
     WHERE r.id = $1 AND r.state IN ('open', 'unknown') AND i.stripe_id IS NOT NULL
"""


async def to_send(pg: Pg, refund_id: RefundId) -> ToSend | None:
    """None where Stripe has made it, or will not."""
    row = await pg.fetchrow(_TO_SEND, refund_id)
    return ToSend(**row) if row else None


async def mark_unknown(tx: Tx, refund_id: RefundId, *, server_error: bool) -> None:
    """It was sent and nobody answered: the money may have left (E35).

    An error of Stripe's own is kept under its key and would be replayed, so the next call takes another key.
    """
    mine = sa.update(refund).where(refund.c.id == refund_id, refund.c.state.in_(("open", "unknown")))
    await tx.execute(mine.values(state="unknown", server_errors=refund.c.server_errors + int(server_error)))


_ORDER_OF: Final = sa.text("""
    SELECT coalesce((SELECT order_id FROM refund WHERE id = :refund_id OR stripe_id = :stripe_id LIMIT 1),
                    (SELECT order_id FROM payment_intent WHERE stripe_id = :intent_id))
""").bindparams(sa.bindparam("refund_id", type_=sa.Uuid))


async def order_of(tx: Tx, snapshot: RefundSnapshot) -> OrderId | None:
    """Whose money it is; None where it is not of this shop."""
    found = await tx.scalar(
        _ORDER_OF,
        {"refund_id": snapshot.refund_id, "stripe_id": snapshot.stripe_id, "intent_id": snapshot.intent_id},
    )
    return OrderId(found) if found else None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A refund as our books have it."""

    id: RefundId
    state: RefundState
    amount_cents: int


async def kept(tx: Tx, snapshot: RefundSnapshot) -> Kept | None:
    """Our row of it, by our id or Stripe's. The caller has locked the order."""
    # One that Stripe would not make has no id of Stripe's, and neither have those it was not asked for yet.
    mine = refund.c.id == snapshot.refund_id
    if snapshot.stripe_id is not None:
        mine = sa.or_(mine, refund.c.stripe_id == snapshot.stripe_id)
    row = (await tx.execute(sa.select(refund.c.id, refund.c.state, refund.c.amount_cents).where(mine))).one_or_none()
    return Kept(id=RefundId(row.id), state=RefundState(row.state), amount_cents=row.amount_cents) if row else None


async def advance(tx: Tx, refund_id: RefundId, snapshot: RefundSnapshot, *, now: datetime) -> None:
    """Follow Stripe along an arrow."""
    over = snapshot.state in {RefundState.SUCCEEDED, RefundState.FAILED}
    mine = sa.update(refund).where(refund.c.id == refund_id)
    values = {"state": str(snapshot.state), "failure_code": snapshot.failure_code, "ended_at": now if over else None}
    if snapshot.stripe_id is not None:
        values["stripe_id"] = snapshot.stripe_id
    await tx.execute(mine.values(**values))


async def add_foreign(tx: Tx, order_id: OrderId, snapshot: RefundSnapshot, *, now: datetime) -> RefundId:
    """A refund somebody made in Stripe's dashboard."""
    refund_id = RefundId(new_id())
    await tx.execute(
        insert(refund).values(
            id=refund_id,
            order_id=order_id,
            amount_cents=snapshot.amount_cents,
            reason="dashboard",
            asked_by="stripe",
            stripe_id=snapshot.stripe_id,
            asked_at=now,
        )
    )
    return refund_id


async def write_entry(
    tx: Tx, order_id: OrderId, kind: str, *, amount_cents: int, stripe_id: str, now: datetime
) -> bool:
    """A movement of money, once; False where the ledger has it. Cents are negative where they left."""
    entry = {"id": new_id(), "order_id": order_id, "kind": kind, "amount_cents": amount_cents, "stripe_id": stripe_id}
    row = insert(ledger_entry).values(**entry, at=now).on_conflict_do_nothing(constraint="ledger_entry_once")
    return (await tx.execute(row.returning(ledger_entry.c.id))).scalar_one_or_none() is not None
