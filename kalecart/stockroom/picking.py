"""What goes into the bags of one delivery window: product by product, and order by order. Of people nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kalecart.ids import WindowId


@dataclass(frozen=True, kw_only=True)
class Busy:
    """A delivery window with orders to pick: `begun` of `orders` are being picked."""

    id: WindowId
    starts_at: datetime
    ends_at: datetime
    orders: int
    begun: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """So many units of a product for one order."""

    order_number: str
    begun: bool
    sku: str
    name: str
    aisle: str
    position: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Goods:
    """So many units of a product for all orders of the window."""

    sku: str
    name: str
    aisle: str
    units: int


@dataclass(frozen=True, kw_only=True)
class Bag:
    """One order, by its number, with what goes in."""

    order_number: str
    begun: bool
    lines: Sequence[Line]

    @property
    def units(self) -> int:
        return sum(line.units for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class PickingList:
    """`lines` come as the shelves stand, which is the way somebody walks."""

    id: WindowId
    starts_at: datetime
    ends_at: datetime
    lines: Sequence[Line]

    @property
    def units(self) -> int:
        return sum(line.units for line in self.lines)

    @property
    def goods(self) -> Sequence[Goods]:
        """Each product once, as the shelves stand."""
        units = Counter[str]()
        for line in self.lines:
            units[line.sku] += line.units
        first = {line.sku: line for line in reversed(self.lines)}
        return [
            Goods(sku=sku, name=first[sku].name, aisle=first[sku].aisle, units=units[sku])
            for sku in dict.fromkeys(line.sku for line in self.lines)
        ]

    @property
    def aisles(self) -> Sequence[tuple[str, Sequence[Goods]]]:
        """The goods by aisle, the aisles as somebody comes to them."""
        goods = self.goods
        return [
            (aisle, [each for each in goods if each.aisle == aisle]) for aisle in dict.fromkeys(g.aisle for g in goods)
        ]

    @property
    def bags(self) -> Sequence[Bag]:
        """Each order, by number."""
        numbers = sorted({line.order_number for line in self.lines})
        return [self._bag(number) for number in numbers]

    def _bag(self, number: str) -> Bag:
        lines = [line for line in self.lines if line.order_number == number]
        return Bag(order_number=number, begun=lines[0].begun, lines=lines)
