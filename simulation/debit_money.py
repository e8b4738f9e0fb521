"""Debits after a year: each came to what its bank makes of it, and moved as many cents as Stripe says (C1, C15)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.ids import PaymentMethodId
from kalecart.payments.standing import RETURN_BARS
from simulation.bank import BANK_TAKES
from stripesim.bank_accounts import BY_NUMBER, Outcome
from stripesim.world import World

# A webhook may be lost, and whoever asks instead may be down for three days.
HEARD_WITHIN: Final = BANK_TAKES + timedelta(days=4)

_DEBITS: Final = """
    SELECT a.order_id, a.payment_method_id, a.state, a.sent_at, a.ended_at, a.stripe_charge_id, m.customer_id,
           m.verified_at, o.placed_at, o.total_cents,
           (SELECT sum(amount_cents) FROM ledger_entry AS e
             WHERE e.order_id = o.id AND e.kind = 'charge' AND e.stripe_id = a.stripe_charge_id) AS charged,
           (SELECT sum(amount_cents) FROM ledger_entry AS e WHERE e.order_id = o.id) AS kept
      FROM attempt AS a JOIN payment_method AS m ON m.id = a.payment_method_id AND m.kind = 'bank'
      JOIN customer_order AS o ON o.id = a.order_id ORDER BY a.sent_at
"""


async def debited_rightly(
    tx: Tx, opened: Mapping[PaymentMethodId, str], world: World, *, now: datetime
) -> tuple[str, list[str]]:
    """`opened` has the number of each account."""
    rows = (await tx.execute(sa.text(_DEBITS))).all()
    broken = []
    for row in rows:
        outcome = BY_NUMBER[opened[row.payment_method_id]].outcome
        charge = world.find("charge", row.stripe_charge_id or "")
        wrong = [*_ended_wrongly(row, outcome, now), *_moved_wrongly(row, outcome, charge)]
        broken += [f"the debit of order {row.order_id} {what}" for what in wrong]
    returned = [row for row in rows if row.state == "declined" and row.stripe_charge_id is not None]
    broken += [f"order {row.order_id} was placed though a debit had come back" for row in _placed_after(returned, rows)]
    paid = [row for row in rows if row.state == "succeeded"]
    cents = sum(row.kept or 0 for row in paid)
    looked = f"{len(rows)} debits of {len(opened)} accounts, {len(paid)} paid, {len(returned)} sent back"
    return f"{looked}, ${cents / 100:,.2f} kept", broken


def _ended_wrongly(row: Any, outcome: Outcome, now: datetime) -> Iterable[str]:
    if row.verified_at is None or row.verified_at > row.sent_at:
        yield "was sent before anybody knew whose account it is"
    if row.state in {"open", "unknown"} and outcome is not Outcome.NONE and now > row.sent_at + HEARD_WITHIN:
        yield "has no end"
    if row.ended_at is not None and row.state == "succeeded" and row.ended_at < row.sent_at + BANK_TAKES:
        yield "ended before its bank had said anything"
    if row.state == "succeeded" and outcome in {Outcome.FAILED, Outcome.NONE}:
        yield f"was paid, and its bank {outcome}"
    if row.state == "declined" and outcome is not Outcome.FAILED:
        yield f"was sent back, and its bank {outcome}"


def _moved_wrongly(row: Any, outcome: Outcome, charge: Mapping[str, Any] | None) -> Iterable[str]:
    if (row.state == "succeeded") != (row.charged is not None):
        yield f"is {row.state} and {row.charged} cents were charged"
    if row.state == "succeeded":
        at_stripe = charge["amount_captured"] if charge is not None and charge["paid"] else 0
        if not row.charged == at_stripe == row.total_cents:
            yield f"moved {row.charged} cents, and {at_stripe} at Stripe"
        if outcome is Outcome.DISPUTED and charge is not None and charge["disputed"] and (row.kept or 0) > 0:
            yield f"was taken back, and {row.kept} cents are kept"


def _placed_after(returned: Iterable[Any], rows: Iterable[Any]) -> Iterable[Any]:
    """Debits of whoever had one come back within so many days."""
    barred = [(row.customer_id, row.ended_at, shop_date(row.ended_at) + RETURN_BARS) for row in returned]
    for row in rows:
        mine = [(ended, free) for who, ended, free in barred if who == row.customer_id]
        if any(ended < row.placed_at and shop_date(row.placed_at) < free for ended, free in mine):
            yield row
