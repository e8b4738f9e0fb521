"""A product on its shelf: how long what is there will last, and how many to order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

# What is sold is looked at over this many days, and over the days since the first sale where they are fewer: over a
# week at least, so that one busy Saturday in a new shop does not fill its cellar.
SEEN_DAYS: Final = 28
SEEN_DAYS_LEAST: Final = 7
# What is ordered should last so long; what will not last so long is ordered.
ORDER_FOR_DAYS: Final = 14
LOW_DAYS: Final = 7


class Standing(StrEnum):
    """How a shelf stands; the value is what people read."""

    EMPTY = "sold out"
    LOW = "running low"
    FINE = "enough"
    STILL = "not sold lately"


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """`on_hand` is what nobody has ordered yet, and `sold` what was paid for in `days` days, both in units."""

    sku: str
    name: str
    aisle: str
    on_hand: int
    sold: int
    days: int

    @property
    def lasts_days(self) -> float | None:
        """How many days it lasts at this pace; None where nothing is sold."""
        return self.on_hand * self.days / self.sold if self.sold else None

    @property
    def standing(self) -> Standing:
        if not self.on_hand:
            return Standing.EMPTY
        if self.lasts_days is None:
            return Standing.STILL
        return Standing.LOW if self.lasts_days < LOW_DAYS else Standing.FINE

    @property
    def order(self) -> int:
        """Units to order, so that it lasts; none while there is enough."""
        if self.standing not in {Standing.EMPTY, Standing.LOW}:
            return 0
        return max(ceil(self.sold * ORDER_FOR_DAYS / self.days) - self.on_hand, 0)


def days_seen(since_first: int | None) -> int:
    """Over how many days sales are divided; `since_first` are the days since the first sale, it included."""
    return max(SEEN_DAYS_LEAST, min(since_first or SEEN_DAYS, SEEN_DAYS))


def soonest_empty(shelves: Sequence[Shelf]) -> Sequence[Shelf]:
    """What will be gone first comes first; what nobody buys comes last, the empty shelves before the full ones."""
    return sorted(shelves, key=_urgency)


def _urgency(shelf: Shelf) -> tuple[bool, float, int, str]:
    unsold = shelf.lasts_days is None
    return (unsold, float(shelf.on_hand if unsold else shelf.lasts_days or 0), -shelf.sold, shelf.name)
