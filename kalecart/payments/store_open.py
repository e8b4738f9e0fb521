"""All SQL about what is not over yet, and about how far Stripe's lists were read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.database import Pg, Tx
from kalecart.ids import OrderId

# A minute after the last try was sent, then twice as long after each question, at most an hour.
_DUE: Final = """
    WITH open AS (
        SELECT i.order_id, i.checked_at,
               greatest(i.begun_at, (SELECT max(sent_at) FROM attempt AS a WHERE a.order_id = i.order_id)) AS since
          FROM payment_intent AS i
         WHERE i.status IN ('created', 'action_needed', 'processing') AND i.stripe_id IS NOT NULL
    )
    SELECT order_id FROM open
     WHERE $1 >= CASE WHEN checked_at IS NULL OR checked_at < since THEN since + interval '1 minute'
                      ELSE checked_at + least(greatest(checked_at - since, interval '1 minute'), interval '1 hour') END
     ORDER BY since LIMIT $2
"""


async def due_to_ask(pg: Pg, *, most: int, now: datetime) -> Sequence[OrderId]:
    """Orders whose payment has been open for a while since Stripe was last asked, the longest open first."""
    return [OrderId(row["order_id"]) for row in await pg.fetch(_DUE, now, most)]


_NOTE_ASKED: Final = sa.text("UPDATE payment_intent SET checked_at = :now WHERE order_id = ANY (:orders)").bindparams(
    sa.bindparam("now", type_=sa.DateTime(timezone=True)), sa.bindparam("orders", type_=ARRAY(sa.Uuid))
)


async def note_asked(tx: Tx, order_ids: Sequence[OrderId], *, now: datetime) -> None:
    await tx.execute(_NOTE_ASKED, {"orders": list(order_ids), "now": now})


async def read_until(pg: Pg, name: str) -> datetime | None:
    """How far a list of Stripe's was read; None where it never was."""
    return await pg.fetchval("SELECT read_until FROM stripe_cursor WHERE list = $1", name)


_ADVANCE: Final = sa.text("""
    INSERT INTO stripe_cursor (list, read_until) VALUES (:list, :until)
        ON CONFLICT (list) DO UPDATE SET read_until = greatest(stripe_cursor.read_until, excluded.read_until)
""").bindparams(sa.bindparam("until", type_=sa.DateTime(timezone=True)))


async def advance(tx: Tx, name: str, *, until: datetime) -> None:
    """It is read until here. Never goes back."""
    await tx.execute(_ADVANCE, {"list": name, "until": until})
