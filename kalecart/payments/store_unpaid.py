"""All SQL about orders whose customers do not pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import OrderId


@dataclass(frozen=True, kw_only=True)
class Unpaid:
    """An order that nothing but its customer can bring on. `asked` says that their bank waits for them."""

    order_id: OrderId
    asked: bool
    placed_at: datetime
    cutoff_at: datetime


# Never one whose money may be under way: a try without an outcome, or a debit in the hands of a bank. What was called
# off at Stripe cannot be paid any more.
_UNPAID: Final = sa.text("""
    SELECT o.id AS order_id, i.status = 'action_needed' AS asked, o.placed_at, w.cutoff_at
      FROM customer_order AS o
      JOIN payment_intent AS i ON i.order_id = o.id
      JOIN delivery_window AS w ON w.id = o.window_id
     WHERE o.status = 'placed' AND i.status IN ('declined', 'action_needed', 'canceled')
       AND NOT EXISTS (SELECT FROM attempt AS a WHERE a.order_id = o.id AND a.state = 'unknown')
       AND (:only IS NULL OR o.id = :only)
     ORDER BY o.placed_at LIMIT :limit
""").bindparams(sa.bindparam("only", type_=sa.Uuid))


async def waiting(tx: Tx, *, limit: int, only: OrderId | None = None) -> Sequence[Unpaid]:
    """Orders that wait for nothing but their customer, the oldest first."""
    rows = await tx.execute(_UNPAID, {"limit": limit, "only": only})
    return [Unpaid(**row) for row in rows.mappings()]
