"""Who hears of a complaint that nears its end, and when (C13): steps as data, which the owner may change.

A step begins with a day of the shop's calendar, counted from the day of receipt. Nothing pauses it. Each is taken once;
the last begins when the thirty days are over, and is taken again every day until there is an answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count, pairwise
from typing import Any, Final

from kalecart.deadline import DAYS, day_begins
from kalecart.errors import Invalid

BREACH_DAY: Final = DAYS + 1
BREACH: Final = "breach"


class Told(StrEnum):
    """Whom a step tells. `handler` is whoever has the complaint, and the administrator as long as nobody has."""

    HANDLER = "handler"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"


@dataclass(frozen=True, kw_only=True)
class Step:
    """`unassigned` limits it to complaints that nobody has taken."""

    day: int
    tells: tuple[Told, ...]
    unassigned: bool = False

    @property
    def name(self) -> str:
        return BREACH if self.day == BREACH_DAY else f"day_{self.day}"

    def stored(self) -> dict[str, Any]:
        return {"day": self.day, "tells": [str(whom) for whom in self.tells], "unassigned": self.unassigned}


@dataclass(frozen=True, kw_only=True)
class Due:
    """A step that fell due for a complaint, and when."""

    name: str
    due_at: datetime
    step: Step


DEFAULT: Final = (
    Step(day=3, tells=(Told.ADMINISTRATOR,), unassigned=True),
    Step(day=15, tells=(Told.HANDLER,)),
    Step(day=21, tells=(Told.HANDLER, Told.ADMINISTRATOR)),
    Step(day=25, tells=(Told.ADMINISTRATOR,)),
    Step(day=28, tells=(Told.MANAGER,)),
    Step(day=30, tells=(Told.MANAGER,)),
    Step(day=BREACH_DAY, tells=(Told.MANAGER,)),
)


def step_of(stored: dict[str, Any]) -> Step:
    """Raises KeyError, TypeError and ValueError for what is no step."""
    told = tuple(Told(whom) for whom in stored["tells"])
    return Step(day=int(stored["day"]), tells=told, unassigned=bool(stored.get("unassigned", False)))


def checked(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps, or Invalid at `/steps` with the reason why they are no ladder."""
    if not steps or steps[-1].day != BREACH_DAY or Told.MANAGER not in steps[-1].tells:
        raise Invalid({"/steps": "The last step has to tell the manager that the thirty days are over."})
    if not any(Told.MANAGER in step.tells and step.day <= DAYS and not step.unassigned for step in steps):
        raise Invalid({"/steps": "The manager has to hear of it before the thirty days are over."})
    if steps[0].day < 1 or any(first.day >= second.day for first, second in pairwise(steps)):
        raise Invalid({"/steps": f"Each step needs a later day than the one before it, from 1 to {DAYS}."})
    if any(not step.tells for step in steps):
        raise Invalid({"/steps": "Each step has to tell somebody."})
    if any(step.unassigned and step.day == BREACH_DAY for step in steps):
        raise Invalid({"/steps": "The last step is for every complaint."})
    return steps


def reached(steps: Sequence[Step], due_at: datetime, now: datetime) -> Sequence[Due]:
    """Every step that has begun, in order: those of the ladder, then one for each further day."""
    found = []
    for each in _all(steps, due_at):
        if each.due_at > now:
            break
        found.append(each)
    return found


def next_begins(steps: Sequence[Step], due_at: datetime, now: datetime) -> datetime:
    """When the next step begins; there always is one."""
    return next(each.due_at for each in _all(steps, due_at) if each.due_at > now)


def _all(steps: Sequence[Step], due_at: datetime) -> Iterator[Due]:
    for step in steps:
        yield Due(name=step.name, due_at=day_begins(due_at, step.day), step=step)
    for further in count(1):
        day = BREACH_DAY + further
        yield Due(name=f"{BREACH}_{further}", due_at=day_begins(due_at, day), step=steps[-1])
