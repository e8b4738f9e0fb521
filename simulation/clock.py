"""Time as it is moved, and the clocks of processes on it, which may be wrong."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from kalecart.clock import SHOP_ZONE


@dataclass
class Time:
    """The true instant. Only the year moves it, and only forwards."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def leap(self, to: datetime) -> None:
        assert to >= self.instant, "time runs forwards: only clocks step back"
        self.instant = to


@dataclass
class Wall:
    """A process's own clock: the true time, and how far it is off. It steps when `off` is set."""

    time: Time
    off: timedelta = timedelta()

    def now(self) -> datetime:
        return self.time.instant + self.off


def at(day: date, hour: float) -> datetime:
    """An hour of the shop's day, such as 18.5, by the clock on its wall."""
    minutes = round(hour * 60)
    return datetime.combine(day, time(minutes // 60, minutes % 60), SHOP_ZONE).astimezone(UTC)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHOP_ZONE).astimezone(UTC)
