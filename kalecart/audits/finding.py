"""What an audit found, and how it is put right (C8): mended by somebody, closed once somebody has seen that it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.audits.plan import Standing, standing
from kalecart.ids import StaffId

WORDS_LENGTH_MAX: Final = 2_000


class Severity(StrEnum):
    """How soon it has to be put right, and whether a second person has to see that it is."""

    MINOR = "minor"
    SEVERE = "severe"

    @property
    def within(self) -> timedelta:
        return _WITHIN[self]


_WITHIN: Final = {Severity.MINOR: timedelta(days=180), Severity.SEVERE: timedelta(days=30)}


class State(StrEnum):
    """Where a finding is."""

    OPEN = "open"
    MENDED = "mended"
    CLOSED = "closed"


# open ──▶ mended ──▶ closed, and back from mended where it did not hold.
ARROWS: Final[Mapping[State, frozenset[State]]] = {
    State.OPEN: frozenset({State.MENDED}),
    State.MENDED: frozenset({State.CLOSED, State.OPEN}),
    State.CLOSED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`follow_up_by` is the last day on which it is closed in time. The words are about the shop and name nobody."""

    id: UUID
    audit_id: UUID
    clause: str
    severity: Severity
    words: str
    follow_up_by: date
    found_by: StaffId
    found_at: datetime
    state: State = State.OPEN
    mended_by: StaffId | None = None
    mended_at: datetime | None = None
    mended_how: str | None = None
    closed_by: StaffId | None = None
    closed_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        return Standing.ON_TIME if self.state is State.CLOSED else standing(self.follow_up_by, now)

    def closed_by_another(self, closer: StaffId) -> bool:
        """Four eyes: whoever mended what is severe is not who says that it holds."""
        return self.severity is not Severity.SEVERE or closer != self.mended_by


def may_become(before: State, after: State) -> bool:
    return after in ARROWS[before]
