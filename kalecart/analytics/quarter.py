"""Quarters of the shop's calendar: the periods in which people are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE
from kalecart.consent.purpose import HABITS_KEPT

MONTHS: Final = 3
# From the end of a day until it is counted: what was paid at its last moment is committed by then.
SETTLES: Final = timedelta(minutes=10)
LOOKS: Final = 3


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

    @property
    def place(self) -> int:
        """Its place among all quarters: two bytes hold it for as long as a year has four digits."""
        return self.year * 4 + self.number

    def counted_until(self) -> datetime:
        """Until when its days may still be counted: what was counted is deleted then."""
        return begins(self.next.first_day) + HABITS_KEPT

    def days(self) -> Iterator[date]:
        """90 to 92 of them."""
        day, end = self.first_day, self.next.first_day
        while day < end:
            yield day
            day += timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of the calendar: when it ends, and when it was counted last."""

    day: date
    ends_at: datetime
    counted_at: datetime | None

    def look_due(self, now: datetime) -> int | None:
        """Which look at the day is due: 0 once it is over and settled, 1 and 2 a day and two later, for what came late.

        After a time without any process the last one due is enough. None where there is nothing to do.
        """
        ready_at = self.ends_at + SETTLES
        look = min((now - ready_at) // timedelta(days=1), LOOKS - 1)
        seen = self.counted_at is not None and self.counted_at >= ready_at + look * timedelta(days=1)
        return None if look < 0 or seen else look

    def done(self, now: datetime) -> bool:
        """Whether nothing that came late is looked for any more."""
        return now >= self.ends_at + SETTLES + timedelta(days=LOOKS - 1) and self.look_due(now) is None


def begins(day: date) -> datetime:
    """The instant a day begins in the shop's zone; it ends when the next one begins."""
    return datetime.combine(day, time.min, SHOP_ZONE)
