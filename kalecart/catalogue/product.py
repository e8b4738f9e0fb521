"""A product: what it is, what it costs, and what it costs by weight, volume or piece."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from kalecart.catalogue.query import fold
from kalecart.money import dollars


class Unit(StrEnum):
    """What a product's amount is counted in."""

    GRAM = "g"
    KILOGRAM = "kg"
    MILLILITRE = "ml"
    LITRE = "l"
    EACH = "each"
    OUNCE = "oz"
    POUND = "lb"
    FLUID_OUNCE = "fl oz"


class TaxCategory(StrEnum):
    """Whether sales tax is due.

    California exempts food for people (Revenue and Taxation Code, section 6359), and counts candy, bottled still water,
    juice, herb plants and ice cream as food. It does not count carbonated drinks, sparkling water among them. Paper,
    soap, flowers and everything else of the household are taxed.
    """

    FOOD = "food"
    TAXABLE = "taxable"


# The comparison follows the unit the sheet uses, so that everything sold by the ounce compares by the ounce, whatever
# the size of the packet: a rule by size would put two jars of the same jam on different scales. Exact by definition:
# 1 lb = 453.59237 g, 1 US fl oz = 29.5735295625 ml.
_COMPARED_BY: Final[dict[Unit, tuple[Unit, Decimal]]] = {
    Unit.GRAM: (Unit.OUNCE, Decimal(16) / Decimal("453.59237")),
    Unit.OUNCE: (Unit.OUNCE, Decimal(1)),
    Unit.KILOGRAM: (Unit.POUND, Decimal(1) / Decimal("0.45359237")),
    Unit.POUND: (Unit.POUND, Decimal(1)),
    Unit.MILLILITRE: (Unit.FLUID_OUNCE, Decimal(1) / Decimal("29.5735295625")),
    Unit.LITRE: (Unit.FLUID_OUNCE, Decimal(1000) / Decimal("29.5735295625")),
    Unit.FLUID_OUNCE: (Unit.FLUID_OUNCE, Decimal(1)),
    Unit.EACH: (Unit.EACH, Decimal(1)),
}


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """What one pound, ounce, fluid ounce or piece costs, in cents with a tenth."""

    cents: Decimal
    per: Unit

    def __str__(self) -> str:
        """`$3.49/lb`, `24.9¢/oz`, `41.6¢ each`: tenths of a cent matter below a dollar and only there."""
        per = " each" if self.per is Unit.EACH else f"/{self.per}"
        if self.cents < 100:  # noqa: PLR2004  # a dollar
            return f"{self.cents.normalize():f}¢{per}"
        return f"{dollars(int(self.cents.quantize(Decimal(1), ROUND_HALF_UP)))}{per}"


def unit_price(price_cents: int, amount: Decimal, unit: Unit) -> UnitPrice:
    """The price of a product by what shoppers compare."""
    assert price_cents > 0
    assert amount > 0
    per, factor = _COMPARED_BY[unit]
    return UnitPrice(cents=(price_cents / (amount * factor)).quantize(Decimal("0.1"), ROUND_HALF_UP), per=per)


def size(amount: Decimal, unit: Unit) -> str:
    """`1 lb`, `12 fl oz`, `6 count`, `each`."""
    if unit is Unit.EACH and amount == 1:
        return "each"
    return f"{amount.normalize():f} {'count' if unit is Unit.EACH else unit}"


@dataclass(frozen=True, kw_only=True)
class Product:
    """One row of the owner's sheet, but for the stock."""

    sku: str
    name: str
    aisle: str
    description: str
    price_cents: int
    unit_amount: Decimal
    unit: Unit
    tax_category: TaxCategory
    picture: str
    keywords: str

    @property
    def searchable(self) -> str:
        """What a search looks through: the name first, because a match there counts for more."""
        return " | ".join((fold(self.name), fold(self.aisle), fold(self.keywords)))


@dataclass(frozen=True, kw_only=True)
class ProductCard:
    """A product as a page shows it."""

    sku: str
    name: str
    aisle: str
    description: str
    price_cents: int
    size: str
    unit_price: str
    tax_category: TaxCategory
    picture: str
    on_hand: int
    active: bool

    @property
    def buyable(self) -> int:
        """How many can be bought now."""
        return self.on_hand if self.active else 0


@dataclass(frozen=True, kw_only=True)
class Aisle:
    """A part of the shop, and how many products stand in it."""

    name: str
    products: int
