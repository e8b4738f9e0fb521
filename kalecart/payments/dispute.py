"""A charge contested at the customer's bank, in Stripe's words, and what it means for the money.

The amount the bank took is booked once, when it is first told, and is what comes back if the shop wins. Should Stripe
name another amount later, no movement of money is told with it: the books keep what they saw move, and comparing with
Stripe's list names the difference for a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# An inquiry asks a question and takes no money.
INQUIRIES: Final = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
CLOSED: Final = frozenset({"won", "lost", "warning_closed", "prevented"})


@dataclass(frozen=True, kw_only=True)
class DisputeSnapshot:
    """A dispute as Stripe described it at one moment. Amounts in cents."""

    stripe_id: str
    intent_id: str | None
    amount_cents: int
    status: str
    reason: str
    evidence_due_at: datetime | None
    opened_at: datetime

    @property
    def took_money(self) -> bool:
        """Whether the bank has taken the amount back at some time, even if the shop won it again."""
        return self.status not in INQUIRIES

    @property
    def gave_back(self) -> bool:
        return self.status == "won"

    @property
    def closed(self) -> bool:
        return self.status in CLOSED
