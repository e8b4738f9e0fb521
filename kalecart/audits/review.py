"""Reviews of who may do what (C8): each quarter somebody else confirms it of everybody, or takes it away at once.

A review is a quarter of the shop's calendar with a line for each role and designation that was held when it opened.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.audits.plan import after_months
from kalecart.clock import shop_date
from kalecart.ids import StaffId

MONTHS: Final = 3


class Kind(StrEnum):
    """What a line is about: the role of somebody, or what they are designated for."""

    ROLE = "role"
    DESIGNATION = "designation"


class Outcome(StrEnum):
    """Nothing else can come of a line; it is decided once."""

    KEPT = "kept"
    TAKEN = "taken"


@dataclass(frozen=True, kw_only=True)
class Line:
    """`what` is a role or a scope of designation; `held` whether its person has it still: of what is gone nothing is
    decided."""

    id: UUID
    review_id: UUID
    staff_id: StaffId
    kind: Kind
    what: str
    held: bool = True
    outcome: Outcome | None = None
    decided_by: StaffId | None = None
    decided_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.outcome is None and self.held


@dataclass(frozen=True, kw_only=True)
class Review:
    """`quarter` is `2026-Q4`, `due_at` the first instant that is too late; it has so many `lines`, `left` of them open.

    Without a line it was never held: nobody opened it while its quarter lasted.
    """

    id: UUID
    quarter: str
    opened_at: datetime
    due_at: datetime
    lines: int
    left: int

    @property
    def due_on(self) -> date:
        """The last day on which it is in time."""
        return shop_date(self.due_at) - timedelta(days=1)

    def overdue(self, now: datetime) -> bool:
        return self.left > 0 and self.due_at <= now


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month - 1) // MONTHS + 1}"


def first_day(quarter: str) -> date:
    year, _, number = quarter.partition("-Q")
    return date(int(year), (int(number) - 1) * MONTHS + 1, 1)


def following(quarter: str) -> str:
    return quarter_of(after_months(first_day(quarter), MONTHS))


def to_open(last: str | None, now: str) -> list[str]:
    """The quarters up to this one that have no review: this one alone where there was none before."""
    if last is None:
        return [now]
    missing = []
    while last < now:
        last = following(last)
        missing.append(last)
    return missing


def counted_from(quarter: str, *, began: date) -> date:
    """The day from which its thirty are counted: its first, or that on which the shop's first colleague joined."""
    return max(first_day(quarter), began)
