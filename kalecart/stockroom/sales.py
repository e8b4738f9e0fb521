"""What sells for which delivery window: weekdays and times of day, in the shop's zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, order=True)
class Hours:
    """From when to when a window is open, on any day."""

    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class OfWindow:
    """Units sold for the windows of one weekday (Monday is 1) at one time of day."""

    weekday: int
    hours: Hours
    units: int


@dataclass(frozen=True, kw_only=True)
class OfProduct:
    """Units of one product sold, by time of day."""

    sku: str
    name: str
    units: Mapping[Hours, int]

    @property
    def total(self) -> int:
        return sum(self.units.values())


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What was sold: `windows` of all products or of the one asked for, `products` on all days or the one asked for."""

    windows: Sequence[OfWindow]
    products: Sequence[OfProduct]

    @property
    def hours(self) -> Sequence[Hours]:
        """The times of day there are, the earliest first."""
        mine = {window.hours for window in self.windows}
        return sorted(mine.union(*(product.units for product in self.products)))

    def units(self, weekday: int, hours: Hours) -> int:
        return sum(each.units for each in self.windows if (each.weekday, each.hours) == (weekday, hours))

    @property
    def most(self) -> int:
        """The units of the busiest window."""
        return max((window.units for window in self.windows), default=0)
