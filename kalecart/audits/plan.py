"""What is audited, how often and by whom (C8): a plan as data, which the manager may change.

Whether one is due is arithmetic over its last day and today, so a scheduler that was down changes nothing of it.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.ids import StaffId

CLAUSES: Final = tuple(f"C{number}" for number in range(1, 16))
# Of safeguards the policy itself says that audits are periodic.
ALWAYS: Final = "C8"
MONTHS_MAX: Final = 24
TITLE_LENGTH_MAX: Final = 120
# So long before it is due it is near: a letter says so.
NEAR: Final = timedelta(days=14)


class Standing(StrEnum):
    """How an audit, a finding or a review stands today."""

    ON_TIME = "on_time"
    NEAR = "near"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {Standing.ON_TIME: "on time", Standing.NEAR: "due soon", Standing.OVERDUE: "overdue"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`auditor_id` None means the manager; `held_on` the day of the last one; `key` names those every shop begins with.

    `planned_on` is the day from which the first is counted.
    """

    id: UUID
    key: str | None
    title: str
    clauses: tuple[str, ...]
    months: int
    planned_on: date
    auditor_id: StaffId | None = None
    stopped_at: datetime | None = None
    held_on: date | None = None

    @property
    def due_on(self) -> date:
        """The last day on which the next one is in time."""
        return after_months(self.held_on or self.planned_on, self.months)

    @property
    def due_at(self) -> datetime:
        return ends(self.due_on)

    def standing(self, now: datetime) -> Standing:
        return standing(self.due_on, now)


@dataclass(frozen=True, kw_only=True)
class Begin:
    """A plan that every shop begins with."""

    key: str
    title: str
    clauses: Sequence[str]
    months: int


DEFAULT: Final = (
    Begin(key="access", title="Who may do what, and the safeguards of computers", clauses=(ALWAYS,), months=3),
    Begin(key="paper", title="Paper: cabinets, keys and shredding", clauses=(ALWAYS,), months=6),
    Begin(key="privacy", title="Every promise of the policy, one after another", clauses=CLAUSES, months=12),
)


def after_months(day: date, months: int) -> date:
    """The same day of a later month, or its last: as the database counts."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def standing(due_on: date, now: datetime) -> Standing:
    """Of whatever has to be done by the end of a day in the shop."""
    today = shop_date(now)
    if today > due_on:
        return Standing.OVERDUE
    return Standing.NEAR if today + NEAR >= due_on else Standing.ON_TIME


def ends(day: date) -> datetime:
    """The midnight that ends it in the shop: the first instant that is too late."""
    return datetime.combine(day + timedelta(days=1), time.min, SHOP_ZONE).astimezone(UTC)
