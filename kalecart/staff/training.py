"""Training in privacy and in safeguarding (C8, C9): for a year, and then again, or the role pauses."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE

LASTS: Final = timedelta(days=365)
# So long before it lapses the console says so on every page.
TOLD_AHEAD: Final = timedelta(days=30)
# Older is a slip of the pen, and has lapsed already.
HELD_WITHIN: Final = LASTS


@dataclass(frozen=True, kw_only=True)
class Trained:
    """`until` is the first instant at which it has lapsed; None for who was never trained."""

    until: datetime | None

    def lapsed(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now

    def soon(self, now: datetime) -> bool:
        return self.until is not None and now < self.until <= now + TOLD_AHEAD


NEVER_TRAINED: Final = Trained(until=None)


def expires_at(held_on: date) -> datetime:
    """The midnight that ends its last day in the shop."""
    return datetime.combine(held_on + LASTS + timedelta(days=1), time(), SHOP_ZONE)
