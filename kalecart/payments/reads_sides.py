"""Our side of what Stripe lists: for each of its objects, what our books have of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kalecart.database import Pg
from kalecart.ids import OrderId
from kalecart.payments.comparison import OurMovement, OurPayment, What
from kalecart.payments.dispute import INQUIRIES, DisputeSnapshot
from kalecart.payments.intent import IntentSnapshot
from kalecart.payments.listing import Span
from kalecart.payments.refund import RefundSnapshot

# By Stripe's id where we kept it, by the order's, which Stripe keeps for us, where we did not get that far.
_PAYMENTS: Final = """
    SELECT theirs.stripe_id AS asked, o.id AS order_id, i.stripe_id, i.status, o.status = 'cancelled' AS cancelled,
           CASE WHEN o.paid_at IS NULL THEN 0 ELSE o.total_cents END AS order_cents,
           coalesce((SELECT sum(amount_cents) FROM ledger_entry AS e
                      WHERE e.order_id = o.id AND e.kind = 'charge'), 0)::int AS ledger_cents
      FROM unnest($1::text[], $2::uuid[]) AS theirs (stripe_id, order_id)
 LEFT JOIN payment_intent AS kept ON kept.stripe_id = theirs.stripe_id
      JOIN customer_order AS o ON o.id = coalesce(kept.order_id, theirs.order_id)
 LEFT JOIN payment_intent AS i ON i.order_id = o.id
"""

_LEDGER_OF: Final = """
    coalesce((SELECT -sum(amount_cents) FROM ledger_entry AS e
               WHERE e.stripe_id = theirs.stripe_id AND e.kind IN ({kinds})), 0)::int AS ledger_cents
"""

_REFUNDS: Final = f"""
    SELECT theirs.stripe_id AS asked, coalesce(r.order_id, i.order_id) AS order_id,
           CASE WHEN r.state IN ('pending', 'succeeded') THEN r.amount_cents ELSE 0 END AS order_cents,
           {_LEDGER_OF.format(kinds="'refund', 'refund_back'")}
      FROM unnest($1::text[], $2::text[], $3::uuid[]) AS theirs (stripe_id, intent_id, refund_id)
 LEFT JOIN refund AS r ON r.stripe_id = theirs.stripe_id OR r.id = theirs.refund_id
 LEFT JOIN payment_intent AS i ON i.stripe_id = theirs.intent_id
     WHERE coalesce(r.order_id, i.order_id) IS NOT NULL
"""  # noqa: S608  # built from constants only

_DISPUTES: Final = f"""
    SELECT theirs.stripe_id AS asked, coalesce(d.order_id, i.order_id) AS order_id,
           CASE WHEN d.status = 'won' OR d.status = ANY ($3) THEN 0 ELSE coalesce(d.amount_cents, 0) END
               AS order_cents,
           {_LEDGER_OF.format(kinds="'dispute', 'dispute_back'")}
      FROM unnest($1::text[], $2::text[]) AS theirs (stripe_id, intent_id)
 LEFT JOIN dispute AS d ON d.stripe_id = theirs.stripe_id
 LEFT JOIN payment_intent AS i ON i.stripe_id = theirs.intent_id
     WHERE coalesce(d.order_id, i.order_id) IS NOT NULL
"""  # noqa: S608  # built from constants only


async def payments(pg: Pg, theirs: Sequence[IntentSnapshot]) -> Mapping[str, OurPayment]:
    """By Stripe's id; what is not of this shop is left out."""
    ids = [each.stripe_id for each in theirs]
    return _payments(await pg.fetch(_PAYMENTS, ids, [each.order_id for each in theirs]))


async def refunds(pg: Pg, theirs: Sequence[RefundSnapshot]) -> Mapping[str, OurMovement]:
    """By Stripe's id; what is not of this shop is left out."""
    ids, intents = [each.stripe_id for each in theirs], [each.intent_id for each in theirs]
    return _movements(await pg.fetch(_REFUNDS, ids, intents, [each.refund_id for each in theirs]))


async def disputes(pg: Pg, theirs: Sequence[DisputeSnapshot]) -> Mapping[str, OurMovement]:
    """By Stripe's id; what is not of this shop is left out."""
    ids, intents = [each.stripe_id for each in theirs], [each.intent_id for each in theirs]
    return _movements(await pg.fetch(_DISPUTES, ids, intents, list(INQUIRIES)))


async def named(pg: Pg, what: What, stripe_id: str) -> OurPayment | OurMovement | None:
    """What our books have under an id that Stripe does not know."""
    if what is What.PAYMENT:
        return _payments(await pg.fetch(_PAYMENTS, [stripe_id], [None])).get(stripe_id)
    if what is What.REFUND:
        return _movements(await pg.fetch(_REFUNDS, [stripe_id], [None], [None])).get(stripe_id)
    return _movements(await pg.fetch(_DISPUTES, [stripe_id], [None], list(INQUIRIES))).get(stripe_id)


def _payments(rows: Sequence[Any]) -> Mapping[str, OurPayment]:
    return {
        row["asked"]: OurPayment(
            order_id=OrderId(row["order_id"]),
            stripe_id=row["stripe_id"],
            status=row["status"],
            cancelled=row["cancelled"],
            order_cents=row["order_cents"],
            ledger_cents=row["ledger_cents"],
        )
        for row in rows
    }


def _movements(rows: Sequence[Any]) -> Mapping[str, OurMovement]:
    return {
        row["asked"]: OurMovement(
            order_id=OrderId(row["order_id"]), order_cents=row["order_cents"], ledger_cents=row["ledger_cents"]
        )
        for row in rows
    }


# What our books say that Stripe made in a span of time: money that moved, and whatever is not over yet, however old.
_OURS: Final[Mapping[What, str]] = {
    What.PAYMENT: """
        SELECT stripe_id FROM payment_intent
         WHERE status = 'succeeded' AND begun_at >= coalesce($1::timestamptz, '-infinity') AND begun_at < $2
    """,
    What.REFUND: """
        SELECT stripe_id FROM refund
         WHERE stripe_id IS NOT NULL AND state <> 'failed' AND asked_at < $2
           AND (asked_at >= coalesce($1::timestamptz, '-infinity') OR state = 'pending')
    """,
    What.DISPUTE: """
        SELECT stripe_id FROM dispute
         WHERE opened_at < $2 AND (opened_at >= coalesce($1::timestamptz, '-infinity') OR closed_at IS NULL)
    """,
}


async def expected(pg: Pg, what: What, span: Span) -> Sequence[str]:
    """Stripe's ids that its own lists should have named, and those of what is still open."""
    return [row["stripe_id"] for row in await pg.fetch(_OURS[what], span.since, span.until)]
