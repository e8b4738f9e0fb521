"""The controls that look, again and again, whether the promises are still kept, and when one is overdue or broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class ControlState(StrEnum):
    """What the last run of a control says."""

    KEPT = "kept"
    BROKEN = "broken"
    OVERDUE = "overdue"
    WAITING = "waiting"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def wrong(self) -> bool:
        return self in {ControlState.BROKEN, ControlState.OVERDUE}


_WORDS: Final = {
    ControlState.KEPT: "kept at the last check",
    ControlState.BROKEN: "not kept at the last check",
    ControlState.OVERDUE: "not checked in time",
    ControlState.WAITING: "not checked yet",
}


@dataclass(frozen=True, kw_only=True)
class Control:
    """`name` is what its runs are recorded under; after `within` without one it is overdue. `from_outside` says that no
    job of the timetable runs it: whoever keeps the machine does."""

    name: str
    clauses: tuple[str, ...]
    words: str
    within: timedelta
    from_outside: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """The latest run of a control."""

    ran_at: datetime
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A control with its latest run, judged."""

    control: Control
    run: Run | None
    state: ControlState


CONTROLS: Final[Sequence[Control]] = (
    *(
        Control(
            name=f"audits_C{number}",
            clauses=(f"C{number}",),
            words="Whoever audits this does so when it is due, and what was found is put right in time",
            within=timedelta(hours=26),
        )
        for number in range(1, 16)
    ),
    Control(
        name="access_reviews",
        clauses=("C8",),
        words="Each quarter somebody else confirms what everybody who works here may do, or takes it away",
        within=timedelta(hours=26),
    ),
    Control(
        name="restore_drill",
        clauses=("C8", "C10"),
        words="A backup was restored, and nobody who was erased can be read from it",
        within=timedelta(days=35),
        from_outside=True,
    ),
    Control(
        name="backup",
        clauses=("C8",),
        words="A backup was taken, its keys apart from its data",
        within=timedelta(days=2),
        from_outside=True,
    ),
    Control(
        name="register",
        clauses=("C10",),
        words="Whatever is kept about people is known and named, so that it can be shown and erased",
        within=timedelta(hours=26),
    ),
    Control(
        name="money",
        clauses=("C15",),
        words="What was charged, what was paid back and what was ordered add up to the cent",
        within=timedelta(hours=1),
    ),
    Control(
        name="audit_trail",
        clauses=("C8",),
        words="The record of who did what and who looked at whom is whole: nothing in it was changed, added or removed",
        within=timedelta(hours=26),
    ),
    Control(
        name="policy_told",
        clauses=("C9",),
        words="Every customer and employee is told of a new version, and nobody works on without having read it",
        within=timedelta(hours=1),
    ),
    Control(
        name="training",
        clauses=("C8", "C9"),
        words="Everybody who works here is trained in privacy and safeguarding, within the last year",
        within=timedelta(hours=3),
    ),
    Control(
        name="access_paused",
        clauses=("C8", "C9"),
        words="Nobody looks at a customer’s details who is untrained, or has not read the policy in time",
        within=timedelta(hours=3),
    ),
    Control(
        name="retention",
        clauses=("C8", "C10"),
        words="Nothing is kept longer than we said, and whoever was erased has no key here",
        within=timedelta(hours=26),
    ),
    Control(
        name="figures",
        clauses=("C6",),
        words="No budget of figures was overdrawn, and every quarter is counted and released once, on time",
        within=timedelta(hours=26),
    ),
    Control(
        name="sources_destroyed",
        clauses=("C4",),
        words="What reached us without consent is destroyed by its day",
        within=timedelta(hours=3),
    ),
    Control(
        name="paper",
        clauses=("C8",),
        words="Somebody has the key of every cabinet with paper, and paper whose day came is shredded within a week",
        within=timedelta(hours=3),
    ),
    Control(
        name="complaints",
        clauses=("C12", "C13"),
        words="Somebody looks at every open complaint, and none is open beyond its thirty days",
        within=timedelta(hours=1),
    ),
)


def judged(control: Control, run: Run | None, *, since: datetime, now: datetime) -> Checked:
    """`since` is when the shop began: a control that never ran is given its time from then on."""
    if run is not None and not run.passed:
        state = ControlState.BROKEN
    elif now - (run.ran_at if run else since) > control.within:
        state = ControlState.OVERDUE
    else:
        state = ControlState.KEPT if run else ControlState.WAITING
    return Checked(control=control, run=run, state=state)
