"""What staff watch of the shop's money: payments and refunds that are not over, and what Stripe told us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import OrderId, RefundId


@dataclass(frozen=True, kw_only=True)
class OpenPayment:
    """`status` is the intent's, `attempt` the state of the try that may still move money. Cents; `asked_at` is when
    Stripe was last asked."""

    order_id: OrderId
    number: str
    order_status: str
    amount_cents: int
    status: str
    attempt: str | None
    stripe_id: str | None
    begun_at: datetime
    asked_at: datetime | None

    @property
    def unknown(self) -> bool:
        return self.attempt == "unknown"


@dataclass(frozen=True, kw_only=True)
class OpenRefund:
    id: RefundId
    order_id: OrderId
    number: str
    amount_cents: int
    reason: str
    state: str
    stripe_id: str | None
    asked_at: datetime


# The unknown first: money may have moved that is not in the books.
_PAYMENTS: Final = sa.text("""
    SELECT i.order_id, o.number, o.status AS order_status, i.amount_cents, i.status, a.state AS attempt, i.stripe_id,
           i.begun_at, i.checked_at AS asked_at
      FROM payment_intent AS i
      JOIN customer_order AS o ON o.id = i.order_id
 LEFT JOIN attempt AS a ON a.order_id = i.order_id AND a.state IN ('open', 'unknown')
     WHERE i.status IN ('begun', 'created', 'action_needed', 'processing')
     ORDER BY (a.state = 'unknown') DESC NULLS LAST, i.begun_at LIMIT :limit
""")
_REFUNDS: Final = sa.text("""
    SELECT r.id, r.order_id, o.number, r.amount_cents, r.reason, r.state, r.stripe_id, r.asked_at
      FROM refund AS r JOIN customer_order AS o ON o.id = r.order_id
     WHERE r.state IN ('open', 'unknown', 'pending')
     ORDER BY (r.state = 'unknown') DESC, r.asked_at LIMIT :limit
""")


async def open_payments(tx: Tx, *, limit: int) -> Sequence[OpenPayment]:
    """Payments whose outcome nobody knows yet, the oldest first."""
    return [OpenPayment(**row) for row in (await tx.execute(_PAYMENTS, {"limit": limit})).mappings()]


async def open_refunds(tx: Tx, *, limit: int) -> Sequence[OpenRefund]:
    """Refunds that have not arrived, the oldest first."""
    return [OpenRefund(**row) for row in (await tx.execute(_REFUNDS, {"limit": limit})).mappings()]


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """`about` is an order's number or id, or an id of Stripe's; `before` the last `received_at` of the page before."""

    outcome: str | None = None
    kind: str | None = None
    about: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReceivedEvent:
    """What Stripe told us, and what it did. `order_id` is None for what is about nothing of ours."""

    event_id: str
    type: str
    object_id: str
    received_at: datetime
    settled_at: datetime | None
    outcome: str | None
    order_id: OrderId | None


_EVENTS: Final = """
    SELECT e.event_id, e.type, e.object_id, e.received_at, e.settled_at, e.outcome,
           coalesce(i.order_id, r.order_id, d.order_id) AS order_id
      FROM inbox AS e
 LEFT JOIN payment_intent AS i ON i.stripe_id = e.object_id
 LEFT JOIN refund AS r ON r.stripe_id = e.object_id
 LEFT JOIN dispute AS d ON d.stripe_id = e.object_id
     WHERE {conditions}
     ORDER BY e.received_at DESC, e.event_id LIMIT :limit
"""
_CONDITIONS: Final = {
    "outcome": "e.outcome = :outcome",
    "kind": "starts_with(e.type, :kind)",
    "about": """(:about IN (e.event_id, e.object_id) OR coalesce(i.order_id, r.order_id, d.order_id) IN (
                :order_id, (SELECT id FROM customer_order WHERE number = upper(:about))))""",
    "before": "e.received_at < :before",
}


async def unsettled_events(tx: Tx, wanted: EventFilter, *, limit: int) -> Sequence[ReceivedEvent]:
    """Those that are not in the books yet, the latest first."""
    return await _events(tx, "e.settled_at IS NULL", wanted, limit)


async def settled_events(tx: Tx, wanted: EventFilter, *, limit: int) -> Sequence[ReceivedEvent]:
    return await _events(tx, "e.settled_at IS NOT NULL", wanted, limit)


async def _events(tx: Tx, settled: str, wanted: EventFilter, limit: int) -> Sequence[ReceivedEvent]:
    given: dict[str, Any] = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    conditions = " AND ".join([settled, *(_CONDITIONS[name] for name in given)])
    statement = sa.text(_EVENTS.format(conditions=conditions))
    if "before" in given:
        statement = statement.bindparams(sa.bindparam("before", type_=sa.DateTime(timezone=True)))
    if "about" in given:
        given["order_id"] = _id(given["about"])
        statement = statement.bindparams(sa.bindparam("order_id", type_=sa.Uuid))
    rows = await tx.execute(statement, given | {"limit": limit})
    return [ReceivedEvent(**row) for row in rows.mappings()]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
