"""How a person shows who they are without a log-in: points of knowledge, and a code in the mailbox on file (C10).

Two points open what kinds of data are kept, three and a declaration the data themselves. Whoever cannot is told so, and
may try again; whether we know the address at all is never told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kalecart.money import cents_in
from kalecart.privacy.request import Level

TRIES_MAX: Final = 5
POINTS_FOR_CATEGORIES: Final = 2
POINTS_FOR_SPECIFICS: Final = 3
CODE_OPENS: Final = timedelta(hours=24)
# A mailbox this new proves nothing: whoever took an account over would have changed it (E54).
MAILBOX_SETTLED: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """What was typed; empty where it was left out."""

    code: str = ""
    order_number: str = ""
    order_total: str = ""
    postal_code: str = ""
    phone: str = ""
    declared: bool = False

    def __repr__(self) -> str:
        return "Proofs(***)"

    @property
    def total_cents(self) -> int | None:
        return cents_in(self.order_total)


@dataclass(frozen=True, kw_only=True)
class Points:
    """Which of them were right."""

    code: bool = False
    order_number: bool = False
    order_total: bool = False
    postal_code: bool = False
    phone: bool = False

    def level(self, *, declared: bool, mailbox_settled: bool) -> Level | None:
        """What they are enough for. A new mailbox counts for nothing, and more is asked for instead."""
        known = sum((self.order_number, self.order_total, self.postal_code, self.phone))
        points = known + (self.code and mailbox_settled)
        enough = POINTS_FOR_SPECIFICS if mailbox_settled else POINTS_FOR_SPECIFICS + 1
        if points >= enough and declared:
            return Level.SPECIFICS
        return Level.CATEGORIES if points >= POINTS_FOR_CATEGORIES else None


def settled(email_changed_at: datetime | None, now: datetime) -> bool:
    return email_changed_at is None or email_changed_at + MAILBOX_SETTLED <= now
