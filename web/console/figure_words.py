"""Words of the console for releases, envelopes and files of figures."""

from collections.abc import Mapping
from typing import Final

from kalecart.analytics.budget import Purse
from kalecart.analytics.question import Kind
from kalecart.figures.export import Progress

KINDS: Final[Mapping[Kind, str]] = {
    Kind.COUNT: "How many customers",
    Kind.BREADTH: "How many different products",
    Kind.PRODUCTS: "Products",
    Kind.AISLES: "Aisles",
    Kind.BASKETS: "Bought together",
    Kind.SHARE: "One product, asked by staff",
    Kind.SURVEY: "A survey’s question",
}
PURSES: Final[Mapping[Purse, str]] = {
    Purse.COUNT: "How many customers",
    Purse.BREADTH: "How many different products",
    Purse.PRODUCTS: "Products",
    Purse.AISLES: "Aisles",
    Purse.BASKETS: "Bought together",
    Purse.SURVEY: "One survey",
    Purse.QUESTION: "Questions by staff",
}
PROGRESS: Final[Mapping[Progress, str]] = {
    Progress.WAITING: "Being written",
    Progress.READY: "Ready",
    Progress.REFUSED: "Refused",
    Progress.EXPIRED: "Over",
}
REFUSALS: Final[Mapping[str, str]] = {"not_released": "something in it is not released"}
