"""Delivery windows: when the shop delivers, until when one may order, and for how many (E16, E17).

The week is drawn in the shop's wall time, so a window that starts at 8:00 starts at 8:00 on both sides of a change of
the clocks; what is stored are instants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from kalecart.clock import SHOP_ZONE
from kalecart.ids import WindowId, new_id

DAYS_AHEAD: Final = 7
HOURS: Final = ((8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 20))
CUTOFF_BEFORE: Final = timedelta(hours=3)
CAPACITY: Final = 40


@dataclass(frozen=True, kw_only=True)
class DeliveryWindow:
    id: WindowId
    starts_at: datetime
    ends_at: datetime
    cutoff_at: datetime
    capacity: int


@dataclass(frozen=True, kw_only=True)
class WindowOffer:
    """A window a shopper may still choose, with the places left in it."""

    id: WindowId
    starts_at: datetime
    ends_at: datetime
    cutoff_at: datetime
    left: int

    @property
    def label(self) -> str:
        return label(self.starts_at, self.ends_at)

    @property
    def day_label(self) -> str:
        return f"{self.starts_at.astimezone(SHOP_ZONE):%A, %B} {self.starts_at.astimezone(SHOP_ZONE).day}"


def label(starts_at: datetime, ends_at: datetime) -> str:
    """`8:00–10:00 AM` in the shop's zone."""
    starts, ends = starts_at.astimezone(SHOP_ZONE), ends_at.astimezone(SHOP_ZONE)
    first = f"{starts:%I:%M}".lstrip("0") + (f" {starts:%p}" if f"{starts:%p}" != f"{ends:%p}" else "")
    return f"{first}–{f'{ends:%I:%M}'.lstrip('0')} {ends:%p}"


def windows_of(day: date, *, capacity: int = CAPACITY) -> Iterator[DeliveryWindow]:
    """The windows of one calendar day in the shop's zone."""
    for first_hour, last_hour in HOURS:
        starts_at = _instant(day, first_hour)
        yield DeliveryWindow(
            id=WindowId(new_id()),
            starts_at=starts_at,
            ends_at=_instant(day, last_hour),
            cutoff_at=starts_at - CUTOFF_BEFORE,
            capacity=capacity,
        )


def _instant(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHOP_ZONE).astimezone(UTC)
