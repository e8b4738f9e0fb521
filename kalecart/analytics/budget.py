"""A year's privacy budget: envelopes, what each kind of release costs, and prices that are refused.

Costs are whole millionths of rho (zero-concentrated differential privacy), so that sums are exact. What a year amounts
to in epsilon and delta is for the library to say (`noise.epsilon_of`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kalecart.analytics.quarter import Quarter
from kalecart.errors import Exhausted, Refused

MICRO: Final = 1_000_000


class Purse(StrEnum):
    """What an envelope is for. The database knows the same names, and the most that each may hold."""

    COUNT = "count"
    BREADTH = "breadth"
    PRODUCTS = "products"
    AISLES = "aisles"
    BASKETS = "baskets"
    SURVEY = "survey"
    QUESTION = "question"


# A quarter's envelopes, and the year's one for what staff ask.
QUARTERLY: Final[Mapping[Purse, int]] = {
    Purse.COUNT: 2_500,
    Purse.BREADTH: 2_000,
    Purse.PRODUCTS: 40_000,
    Purse.AISLES: 2_500,
    Purse.BASKETS: 5_000,
    Purse.SURVEY: 8_000,
}
QUESTIONS_A_YEAR: Final = 8
QUESTION_MICRORHO: Final = 5_000
YEARLY_MICRORHO: Final = 4 * sum(QUARTERLY.values()) + QUESTIONS_A_YEAR * QUESTION_MICRORHO

# The chance that a typed answer of one person alone is shown: once a quarter, and nothing else has such a chance.
TYPED_DELTA: Final = 1e-7
# At which delta the year's rho is put into words, beside those of the typed answers.
WORDS_DELTA: Final = 1e-6


class BudgetSpent(Exhausted):
    """This year's questions are used up."""


class UnusablePrice(Refused):
    """This is not a price."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A part of a year's budget. `id` is `products:2026-Q4`, or `question:2026` for the year's questions."""

    kind: Purse
    period: str
    year: int
    cap_microrho: int
    renews_on: date
    spent_microrho: int = 0

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.period}"

    @property
    def left_microrho(self) -> int:
        return self.cap_microrho - self.spent_microrho

    @property
    def questions_left(self) -> int:
        return self.left_microrho // QUESTION_MICRORHO

    @property
    def closed(self) -> bool:
        """Whether it holds less than the database lets it, because the shop was restored from a backup."""
        caps = {**QUARTERLY, Purse.QUESTION: QUESTIONS_A_YEAR * QUESTION_MICRORHO}
        return self.cap_microrho < caps[self.kind]

    def price(self, rho: float) -> int:
        """Millionths of rho, rounded up. Raises UnusablePrice for what is no price, BudgetSpent for what is too much;
        both say when the budget renews (`renews_on`).
        """
        renews = self.renews_on.isoformat()
        if not math.isfinite(rho) or rho <= 0:
            raise UnusablePrice(f"A release costs more than nothing. The budget renews on {renews}.", renews_on=renews)
        # Six digits of a millionth: what a float does to a decimal is no reason to pay more.
        wanted = min(rho * MICRO, MICRO**2)
        if (microrho := math.ceil(round(wanted, 6))) > self.left_microrho:
            raise spent(self.renews_on)
        return max(microrho, 1)


def spent(renews_on: date) -> BudgetSpent:
    renews = renews_on.isoformat()
    return BudgetSpent(f"The budget renews on {renews}.", renews_on=renews)


def id_of(purse: Purse, period: str) -> str:
    return f"{purse}:{period}"


def envelopes_of(year: int) -> tuple[Envelope, ...]:
    """All that may be told in a year, reserved when it begins: no question can take what the calendar will need."""
    quarters = tuple(Quarter(year=year, number=number) for number in range(1, 5))
    told = tuple(
        Envelope(kind=purse, period=str(each), year=year, cap_microrho=cap, renews_on=each.next.first_day)
        for each in quarters
        for purse, cap in QUARTERLY.items()
    )
    return (*told, _asked(year))


def _asked(year: int) -> Envelope:
    cap = QUESTIONS_A_YEAR * QUESTION_MICRORHO
    return Envelope(kind=Purse.QUESTION, period=str(year), year=year, cap_microrho=cap, renews_on=date(year + 1, 1, 1))
