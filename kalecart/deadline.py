"""Thirty days, as arithmetic: an answer is due by the end of the thirtieth day after the day of receipt (C13).

Days are the shop's, whatever clocks do in between. Nothing here is stored but the instant of receipt and what follows
from it, so a scheduler that was down changes when a stage is noticed, and never what is true.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from kalecart.clock import SHOP_ZONE, shop_date

DAYS: Final = 30


class Stage(StrEnum):
    """How near the end is. Each is told once; the last says that the promise was broken."""

    DAY_15 = "day_15"
    DAY_21 = "day_21"
    DAY_25 = "day_25"
    DAY_28 = "day_28"
    DAY_30 = "day_30"
    BREACH = "breach"


_BEGINS_ON_DAY: Final = {
    Stage.DAY_15: 15,
    Stage.DAY_21: 21,
    Stage.DAY_25: 25,
    Stage.DAY_28: 28,
    Stage.DAY_30: 30,
    Stage.BREACH: DAYS + 1,
}


def due_by(received_at: datetime) -> datetime:
    """The first instant that is too late: the midnight that ends the thirtieth day, in UTC."""
    return _midnight(received_at, DAYS + 1)


def stage_begins(due_at: datetime, stage: Stage) -> datetime:
    """When a stage begins: the midnight that begins its day, counted back from the deadline."""
    return day_begins(due_at, _BEGINS_ON_DAY[stage])


def day_begins(due_at: datetime, day: int) -> datetime:
    """The midnight that begins the `day`-th day after receipt, counted back from the deadline; 31 is the deadline."""
    return _midnight(due_at, day - (DAYS + 1))


def stages_reached(due_at: datetime, now: datetime) -> Sequence[Stage]:
    """Every stage that has begun, in order."""
    return [stage for stage in Stage if stage_begins(due_at, stage) <= now]


def days_left(due_at: datetime, now: datetime) -> int:
    """Whole days in the shop's calendar: 0 on the last day, negative after it."""
    return (shop_date(due_at) - shop_date(now)).days - 1


def _midnight(instant: datetime, days: int) -> datetime:
    day = shop_date(instant) + timedelta(days=days)
    return datetime.combine(day, time.min, SHOP_ZONE).astimezone(UTC)
