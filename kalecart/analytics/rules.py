"""What a shop may tell of how many people: fewer of them, fewer and coarser figures (E77, E78)."""

from enum import StrEnum
from typing import Final

from kalecart.analytics.quarter import Quarter

# Of people who bought anything in the quarter and agreed to be counted, by that quarter's own noisy count.
PEOPLE_SOME: Final = 300
PEOPLE_MANY: Final = 1_200


class Size(StrEnum):
    FEW = "few"
    SOME = "some"
    MANY = "many"


class Told(StrEnum):
    """What the calendar releases after the count: aisles with a quarter's whole budget, or aisles beside the rest."""

    AISLES_ONLY = "aisles_only"
    BREADTH = "breadth"
    PRODUCTS = "products"
    AISLES = "aisles"
    BASKETS = "baskets"


def size_of(people: int) -> Size:
    if people < PEOPLE_SOME:
        return Size.FEW
    return Size.SOME if people < PEOPLE_MANY else Size.MANY


def told_of(size: Size, quarter: Quarter) -> tuple[Told, ...]:
    """Few people: aisles once a year, with its last quarter. Some: aisles. Many: breadth, products, aisles, baskets."""
    if size is Size.MANY:
        return (Told.BREADTH, Told.PRODUCTS, Told.AISLES, Told.BASKETS)
    if size is Size.SOME or quarter.next.year != quarter.year:
        return (Told.AISLES_ONLY,)
    return ()


def may_ask(size: Size) -> bool:
    """Whether staff may ask about one product."""
    return size is not Size.FEW
