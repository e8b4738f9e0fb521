"""Quarters of the shop's calendar: the periods in which people are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE

MONTHS: Final = 3


@dataclass(frozen=True, kw_only=True, order=True)
class Quarter:
    """`number` is 1 to 4. Its text, `2026-Q4`, is how tables and pages name it."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:  # noqa: PLR2004  # quarters of a year
            raise ValueError(self.number)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @staticmethod
    def parse(text: str) -> "Quarter":
        """Raises ValueError for what is not the text of a quarter."""
        year, _, number = text.partition("-Q")
        quarter = Quarter(year=int(year), number=int(number))
        if str(quarter) != text:
            raise ValueError(text)
        return quarter

    @staticmethod
    def of(day: date) -> "Quarter":
        return Quarter(year=day.year, number=(day.month - 1) // MONTHS + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS + 1, 1)

    @property
    def next(self) -> "Quarter":
        return Quarter.of(self.first_day + timedelta(days=31 * MONTHS))

    @property
    def previous(self) -> "Quarter":
        return Quarter.of(self.first_day - timedelta(days=1))

    def days(self) -> Iterator[date]:
        """90 to 92 of them."""
        day, end = self.first_day, self.next.first_day
        while day < end:
            yield day
            day += timedelta(days=1)


def begins(day: date) -> datetime:
    """The instant a day begins in the shop's zone; it ends when the next one begins."""
    return datetime.combine(day, time.min, SHOP_ZONE)
