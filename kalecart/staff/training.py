"""Training in privacy and in safeguarding (C8, C9): for a year, and then again, or the role pauses."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE

LASTS: Final = timedelta(days=365)
# Whoever joins is trained within this time, or their role pauses as if a training had lapsed.
GRACE: Final = timedelta(days=14)
# So long before it lapses the console says so on every page.
TOLD_AHEAD: Final = timedelta(days=30)
# So many days before it lapses a letter says so, and once more when it has.
LETTERS: Final = (30, 14, 3, 0)
# Older is a slip of the pen, and has lapsed already.
HELD_WITHIN: Final = LASTS


@dataclass(frozen=True, kw_only=True)
class Trained:
    """`until` is the first instant at which it has lapsed; None for who was never trained: they have `grace_until`."""

    until: datetime | None
    grace_until: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The first instant at which the role pauses."""
        return self.until or self.grace_until

    def lapsed(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def soon(self, now: datetime) -> bool:
        return self.ends_at is not None and now < self.ends_at <= now + TOLD_AHEAD

    def letter(self, now: datetime) -> int | None:
        """The nearest of `LETTERS` that has begun: after an outage one letter is written, and not all of them."""
        if self.ends_at is None:
            return None
        return min((days for days in LETTERS if self.ends_at - timedelta(days=days) <= now), default=None)


NEVER_TRAINED: Final = Trained(until=None)


def trained(until: datetime | None, *, joined_at: datetime) -> Trained:
    """Of somebody by the last training that is written down."""
    return Trained(until=until, grace_until=joined_at + GRACE)


def expires_at(held_on: date) -> datetime:
    """The midnight that ends its last day in the shop."""
    return datetime.combine(held_on + LASTS + timedelta(days=1), time(), SHOP_ZONE)
