"""A customer's own payment record with the shop (C1)."""

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.ids import CustomerId
from kalecart.payments.standing import LOST_BARS, Contested, PaymentRecord, Standing, standing

# A debit came back where the bank had taken it up, so where it has a charge.
_TRIES: Final = sa.text("""
    SELECT a.ended_at, m.kind = 'bank' AND a.stripe_charge_id IS NOT NULL AS returned
      FROM attempt AS a
      JOIN customer_order AS o ON o.id = a.order_id
      JOIN payment_method AS m ON m.id = a.payment_method_id
     WHERE o.customer_id = :customer_id AND a.state = 'declined' AND a.ended_at > :since
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid), sa.bindparam("since", type_=sa.DateTime(timezone=True)))
_DISPUTES: Final = sa.text("""
    SELECT d.opened_at, CASE WHEN d.status = 'lost' THEN coalesce(d.closed_at, d.opened_at) END AS lost_at
      FROM dispute AS d JOIN customer_order AS o ON o.id = d.order_id
     WHERE o.customer_id = :customer_id AND d.status IN ('needs_response', 'under_review', 'lost')
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid))
_DEBITS: Final = sa.text("""
    SELECT count(*) FROM customer_order AS o
      JOIN attempt AS a ON a.order_id = o.id AND a.state = 'succeeded'
      JOIN payment_method AS m ON m.id = a.payment_method_id AND m.kind = 'bank'
     WHERE o.customer_id = :customer_id AND o.paid_at IS NOT NULL
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid))


async def record_of(tx: Tx, customer_id: CustomerId, *, now: datetime) -> PaymentRecord:
    since = {"customer_id": customer_id, "since": now - LOST_BARS}
    tries = (await tx.execute(_TRIES, since)).all()
    disputes = (await tx.execute(_DISPUTES, {"customer_id": customer_id})).all()
    return PaymentRecord(
        declined_on=tuple(shop_date(row.ended_at) for row in tries),
        returned_on=tuple(shop_date(row.ended_at) for row in tries if row.returned),
        contested=tuple(Contested(opened_on=shop_date(row.opened_at), lost_on=_day(row.lost_at)) for row in disputes),
    )


def _day(instant: datetime | None) -> date | None:
    return shop_date(instant) if instant else None


async def standing_of(tx: Tx, customer_id: CustomerId, *, now: datetime) -> Standing:
    return standing(await record_of(tx, customer_id, now=now), shop_date(now))


async def debits_before(tx: Tx, customer_id: CustomerId) -> int:
    """How many of a customer's orders were paid from a bank account."""
    return await tx.scalar(_DEBITS, {"customer_id": customer_id}) or 0
