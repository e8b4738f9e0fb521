"""Time is a parameter: aware UTC instants inside, the shop's zone only where a person or a rule needs a date."""

from datetime import UTC, date, datetime, time
from typing import Final, Protocol
from zoneinfo import ZoneInfo

SHOP_ZONE: Final = ZoneInfo("America/Los_Angeles")


class Clock(Protocol):
    """Where wall time comes from."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock. Nothing in production can move it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def known_on(day: date, now: datetime) -> datetime:
    """When something reached the shop of which only the day is known: as it began; of today, now."""
    return datetime.combine(day, time.min, SHOP_ZONE) if day != shop_date(now) else now


def shop_date(instant: datetime) -> date:
    """The calendar day in the shop's zone."""
    return instant.astimezone(SHOP_ZONE).date()
