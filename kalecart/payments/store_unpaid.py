"""All SQL about orders whose customers do not pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import OrderId


@dataclass(frozen=True, kw_only=True)
class Unpaid:
    """An order that nothing but its customer can bring on. `asked` says that their bank waits for them."""

    order_id: OrderId
    asked: bool


# Never one whose money may be under way: a try without an outcome, or a debit in the hands of a bank. What was called
# off at Stripe cannot be paid any more.
_UNPAID: Final = sa.text("""
    SELECT o.id AS order_id, i.status = 'action_needed' AS asked
      FROM customer_order AS o
      JOIN payment_intent AS i ON i.order_id = o.id
      JOIN delivery_window AS w ON w.id = o.window_id
     WHERE o.status = 'placed' AND i.status IN ('declined', 'action_needed', 'canceled')
       AND (o.placed_at <= :placed_before OR w.cutoff_at <= :now)
       AND NOT EXISTS (SELECT FROM attempt AS a WHERE a.order_id = o.id AND a.state = 'unknown')
       AND (:only IS NULL OR o.id = :only)
     ORDER BY o.placed_at LIMIT :limit
""").bindparams(
    sa.bindparam("placed_before", type_=sa.DateTime(timezone=True)),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("only", type_=sa.Uuid),
)


async def given_up(
    tx: Tx, *, now: datetime, unpaid: timedelta, limit: int, only: OrderId | None = None
) -> Sequence[Unpaid]:
    """Orders that have waited longer than `unpaid`, or past the cut-off of their window; the oldest first."""
    asked = {"placed_before": now - unpaid, "now": now, "limit": limit, "only": only}
    return [Unpaid(**row) for row in (await tx.execute(_UNPAID, asked)).mappings()]
