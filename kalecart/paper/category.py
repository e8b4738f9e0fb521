"""What paper with personal information is, from a closed list, and how long each kind may lie in a cabinet (C8)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

_YEAR: Final = timedelta(days=366)


class Category(StrEnum):
    """What a paper is. Whatever fits none of these is not kept without somebody saying until when."""

    COMPLAINT = "complaint"
    REQUEST = "request"
    IDENTITY = "identity"
    DELIVERY = "delivery"
    BANK = "bank"
    STAFF = "staff"
    LAW = "law"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def rule(self) -> "Rule":
        return RULES[self]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`longest` is how long after it was filed a paper may be kept at most. With `derived` it is kept that long where
    nobody says less; otherwise somebody has to say until when."""

    longest: timedelta
    derived: bool = True


_LABELS: Final = {
    Category.COMPLAINT: "a complaint",
    Category.REQUEST: "a request about somebody’s data",
    Category.IDENTITY: "a copy that proves who somebody is",
    Category.DELIVERY: "a delivery slip with a signature",
    Category.BANK: "a letter of a bank about a payment",
    Category.STAFF: "about somebody who works here",
    Category.LAW: "for a case at law or an authority",
    Category.OTHER: "something else with personal information",
}

# Complaints and requests are on record for two years after their answer, which is due after thirty days, and after
# forty-five with what the law allows on top; banks hear disputes for half a year; the books are kept for four.
RULES: Final = {
    Category.COMPLAINT: Rule(longest=2 * _YEAR + timedelta(days=30)),
    Category.REQUEST: Rule(longest=2 * _YEAR + timedelta(days=45)),
    Category.IDENTITY: Rule(longest=timedelta(days=30)),
    Category.DELIVERY: Rule(longest=timedelta(days=183)),
    Category.BANK: Rule(longest=4 * _YEAR),
    Category.STAFF: Rule(longest=10 * _YEAR, derived=False),
    Category.LAW: Rule(longest=10 * _YEAR, derived=False),
    Category.OTHER: Rule(longest=2 * _YEAR, derived=False),
}
