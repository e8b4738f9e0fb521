"""One cell of the owner's sheet: what may stand in it, and the sentence that says what is wrong."""

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from kalecart.catalogue.product import TaxCategory, Unit
from kalecart.money import Cents

SKU_CHARACTERS_MAX: Final = 64
SKU_PATTERN: Final = rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{SKU_CHARACTERS_MAX - 1}}}"
# A name without a directory, a second dot or a capital: the same file on every machine, and never one outside.
PICTURE_PATTERN: Final = r"[a-z0-9-]+\.(?:svg|png|jpg|webp)"
PICTURE_CHARACTERS_MAX: Final = 80
STOCK_MAX: Final = 1_000_000

_SKU: Final = re.compile(SKU_PATTERN)
_PRICE: Final = re.compile(r"([0-9]{1,5})(?:\.([0-9]{2}))?")
_AMOUNT: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_STOCK: Final = re.compile(r"[0-9]{1,7}")
_PICTURE: Final = re.compile(PICTURE_PATTERN)
# A spreadsheet runs such a cell as a formula when somebody opens an export that contains it.
_FORMULA: Final = ("=", "+", "-", "@")


Choice = TypeVar("Choice", bound=StrEnum)


class BadCell(Exception):
    """The reason a cell cannot be used, for the owner to read."""


def text(cell: str, *, characters_max: int, required: bool) -> str:
    """Words for people: composed Unicode, nothing invisible, nothing a spreadsheet would run."""
    value = unicodedata.normalize("NFC", cell.strip())
    if required and not value:
        raise BadCell("is empty")
    if len(value) > characters_max:
        raise BadCell(f"is {len(value)} characters long; {characters_max} are allowed")
    if value.startswith(_FORMULA):
        raise BadCell(f"starts with “{value[0]}”, which a spreadsheet would run as a formula")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for character in value):
        raise BadCell("holds a line break or an invisible character")
    return value


def sku(cell: str) -> str:
    """The product's name for machines; it stands in addresses and in carts."""
    value = text(cell, characters_max=SKU_CHARACTERS_MAX, required=True)
    if not _SKU.fullmatch(value):
        raise BadCell("may hold only letters A to Z, digits, “-” and “_”, and starts with a letter or digit")
    return value


def price(cell: str) -> Cents:
    """Dollars and cents: `3.49` or `3`."""
    found = _PRICE.fullmatch(cell.strip())
    if not found:
        raise BadCell("is not a price in dollars such as 3.49, from 0.01 to 99999.99")
    cents = Cents(int(found[1]) * 100 + int(found[2] or 0))
    if cents == 0:
        raise BadCell("is zero; nothing is free")
    return cents


def amount(cell: str) -> Decimal:
    """How much of its unit a product holds: `1`, `0.5`, `12.125`."""
    if not _AMOUNT.fullmatch(cell.strip()):
        raise BadCell("is not an amount such as 1, 12 or 0.5 (three decimals at most)")
    value = Decimal(cell.strip())
    if value == 0:
        raise BadCell("is zero")
    return value


def stock(cell: str) -> int:
    """How many are there."""
    value = cell.strip()
    if not _STOCK.fullmatch(value) or int(value) > STOCK_MAX:
        raise BadCell(f"is not a whole number from 0 to {STOCK_MAX}")
    return int(value)


def picture(cell: str) -> str:
    """A file beside the other pictures."""
    value = cell.strip()
    if len(value) > PICTURE_CHARACTERS_MAX or not _PICTURE.fullmatch(value):
        raise BadCell("is not a file name such as curly-kale.svg (a-z, 0-9, “-”; svg, png, jpg or webp)")
    return value


def unit(cell: str) -> Unit:
    """What the amount is counted in."""
    return _one_of(Unit, cell)


def tax_category(cell: str) -> TaxCategory:
    """Whether sales tax is due."""
    return _one_of(TaxCategory, cell)


def _one_of(choices: type[Choice], cell: str) -> Choice:
    try:
        return choices(cell.strip().lower())
    except ValueError:
        raise BadCell(f"is none of {', '.join(choices)}") from None
