"""What was corrected, and where the correction went; when a person is asked whether all is still right (C7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from kalecart.ids import OrderId

Field = Literal["name", "email", "phone", "address"]
# A person's own doing, or a request that staff fulfil.
Why = Literal["own_correction", "correction_request"]

# After so long without a word a person is asked.
STILL_RIGHT_AFTER: Final = timedelta(days=365)


class Place(StrEnum):
    """Where else a detail may be that is corrected here."""

    STRIPE = "stripe"
    ORDER = "order"


class Outcome(StrEnum):
    """What became of a correction there."""

    APPLIED = "applied"
    TOO_LATE = "too_late"  # the order is being packed, or is gone
    NOT_HELD = "not_held"  # Stripe was never told it
    KEPT = "kept"  # the person told Stripe by themselves, as the holder of a bank account


@dataclass(frozen=True, kw_only=True)
class Effect:
    place: Place
    outcome: Outcome
    order_id: OrderId | None
    order_number: str | None


@dataclass(frozen=True, kw_only=True)
class PastDetail:
    """What a detail said before it was corrected. `staff_id` is who did it; None is the person."""

    id: UUID
    field: Field
    text: str
    why: Why
    staff_id: UUID | None
    changed_at: datetime
    effects: Sequence[Effect]

    def __repr__(self) -> str:
        return f"PastDetail({self.field})"


class CheckWhy(StrEnum):
    """Why a person is asked whether their details are still right."""

    MAIL_FAILED = "mail_failed"
    DELIVERY_FAILED = "delivery_failed"
    YEARLY = "yearly"
    OWN_ACCORD = "own_accord"  # nobody asked


class CheckAnswer(StrEnum):
    STILL_RIGHT = "still_right"
    CORRECTED = "corrected"


# Which corrections answer a question. Any of them answers the yearly one only with the press under it.
ANSWERED_BY: Final[dict[CheckWhy, frozenset[Field]]] = {
    CheckWhy.MAIL_FAILED: frozenset({"email"}),
    CheckWhy.DELIVERY_FAILED: frozenset({"address", "phone"}),
    CheckWhy.YEARLY: frozenset(),
    CheckWhy.OWN_ACCORD: frozenset(),
}


def questions(open_ones: Sequence[CheckWhy], *, last_confirmed_at: datetime, now: datetime) -> list[CheckWhy]:
    """What to ask a person now. The yearly question needs nothing to have run: it is arithmetic."""
    due = now - last_confirmed_at >= STILL_RIGHT_AFTER
    return [why for why in CheckWhy if why in open_ones or (why is CheckWhy.YEARLY and due)]
