"""What sells for which delivery window: weekdays and times of day, in the shop's zone."""

from collections import Counter
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
class Sold:
    """Units of a product for the windows of one weekday (Monday is 1) at one time of day."""

    sku: str
    weekday: int
    hours: Hours
    units: int


@dataclass(frozen=True, kw_only=True)
class OfProduct:
    """Units of one product by time of day."""

    sku: str
    name: str
    units: Mapping[Hours, int]

    @property
    def total(self) -> int:
        return sum(self.units.values())


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What was sold. `names` are those of all products on the shelves, by sku, in their alphabet."""

    names: Mapping[str, str]
    sold: Sequence[Sold]

    @property
    def hours(self) -> Sequence[Hours]:
        """The times of day there are, the earliest first."""
        return sorted({each.hours for each in self.sold})

    def by_window(self, sku: str | None = None) -> Mapping[tuple[int, Hours], int]:
        """Units by weekday and time of day, of all products or of one."""
        units = Counter[tuple[int, Hours]]()
        for each in self.sold:
            if sku in {None, each.sku}:
                units[each.weekday, each.hours] += each.units
        return units

    def by_product(self, weekday: int | None = None) -> Sequence[OfProduct]:
        """What is on the shelves and was sold, on any day or on one; the most sold first."""
        units: dict[str, Counter[Hours]] = {}
        for each in self.sold:
            if weekday in {None, each.weekday} and each.sku in self.names:
                units.setdefault(each.sku, Counter())[each.hours] += each.units
        found = [OfProduct(sku=sku, name=self.names[sku], units=by_hours) for sku, by_hours in units.items()]
        return sorted(found, key=lambda product: (-product.total, product.name))
