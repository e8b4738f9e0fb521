"""Complaints after a year: their steps and their standing, held against arithmetic over what is stored (C13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint, Standing
from kalecart.complaints.ladder import BREACH, DEFAULT, Due, reached
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.database import Tx
from simulation.outages import Outage, Trouble

# A tick comes after each midnight; whoever does the work may have a clock that is behind by this much.
SOON: Final = timedelta(minutes=1)
SLOW: Final = frozenset({Trouble.WORKERS, Trouble.DARK, Trouble.BEHIND})
UNSEEN: Final = timedelta(hours=4)
# Whoever learns that an answer came back takes the steps it had put off, with the next tick.
TAKEN_UP: Final = timedelta(days=1)
_RETURNED: Final = """
    SELECT complaint_id, sent_at, bounced_at FROM complaint_answer WHERE bounced_at IS NOT NULL
"""
_STEPS: Final = "SELECT complaint_id, step, due_at, happened_at FROM complaint_step ORDER BY due_at"


async def escalated_rightly(tx: Tx, *, now: datetime, outages: Sequence[Outage]) -> tuple[str, Sequence[str]]:
    """How much there was to look at, and what is wrong with it."""
    rows = await tx.execute(sa.text(_STEPS))
    steps: dict[Any, list[Any]] = {}
    for row in rows:
        steps.setdefault(row.complaint_id, []).append(row)
    back = [(row.complaint_id, row.sent_at, row.bounced_at) for row in await tx.execute(sa.text(_RETURNED))]
    cases = await _cases(tx)
    broken = []
    for case in cases:
        seemed = [(sent, came) for complaint_id, sent, came in back if complaint_id == case.id]
        known = _Known(now=now, outages=outages, seemed=seemed)
        broken += [f"{case.number}: {what}" for what in _wrong(case, steps.get(case.id, []), known)]
    punctual = sum(_punctual(row) for taken in steps.values() for row in taken)
    many = sum(map(len, steps.values()))
    return f"{many} steps of {len(cases)} complaints, {punctual} within a minute", broken


async def answered_rightly(tx: Tx, *, now: datetime) -> tuple[str, Sequence[str]]:
    rows = await tx.execute(sa.text(_STEPS))
    breached = {row.complaint_id for row in rows if row.step == BREACH}
    cases = await _cases(tx)
    late = {case.id for case in cases if case.late(now)}
    broken = [f"{case.number} was in time and breached" for case in cases if case.id in breached - late]
    for case in cases:
        standing = case.standing(now)
        if case.open and (standing is Standing.BREACHED) != (case.due_at <= now):
            broken.append(f"{case.number} stands as {standing}")
        if case.open and case.id in late - breached:
            broken.append(f"{case.number} is late, and nobody was told")
    answered = sum(not case.open for case in cases)
    return f"{answered} answered, {len(late)} late, {len(cases) - answered} open", broken


async def _cases(tx: Tx) -> Sequence[Complaint]:
    return [complaint_of(row) for row in (await tx.execute(sa.select(*FIELDS))).mappings()]


@dataclass(frozen=True, kw_only=True)
class _Known:
    """`seemed` is from when to when a case seemed answered, by letters that came back."""

    now: datetime
    outages: Sequence[Outage]
    seemed: Sequence[tuple[datetime, datetime]]

    def put_off(self, due_at: datetime, until: datetime) -> bool:
        """Whether a step was not taken because nobody knew that its case was open."""
        return any(sent <= due_at <= back and until <= back + TAKEN_UP for sent, back in self.seemed)


def _wrong(case: Complaint, taken: Sequence[Any], known: _Known) -> Iterable[str]:
    """What is recorded held against what the ladder says of the time it was open."""
    ladder = {due.name: due for due in reached(DEFAULT, case.due_at, known.now)}
    for row in taken:
        due = ladder.get(row.step)
        if due is None or due.due_at != row.due_at:
            yield f"{row.step} was no step of it"
        if row.happened_at < row.due_at:
            yield f"{row.step} was taken early"
        if case.answered_at is not None and row.happened_at > case.answered_at + UNSEEN:
            yield f"{row.step} was taken after the answer"
        excused = _excused(row.due_at, row.happened_at, known.outages, case)
        if not (_punctual(row) or excused or known.put_off(row.due_at, row.happened_at)):
            yield f"{row.step} was taken {row.happened_at - row.due_at} late, and nobody was away"
    moments = [row.happened_at for row in taken]
    if moments != sorted(moments):
        yield "its steps are out of order"
    until = case.answered_at or known.now
    for due in ladder.values():
        needed = _needed(due, until, known.outages) and not known.put_off(due.due_at, until)
        if due.name not in {row.step for row in taken} and needed:
            yield f"{due.name} was never taken"


def _needed(due: Due, until: datetime, outages: Sequence[Outage]) -> bool:
    """Whether somebody was awake between its time and the answer; a complaint that somebody has needs no one to take
    it."""
    soon = min(until, due.due_at + timedelta(minutes=2))
    return (
        not due.step.unassigned and soon == due.due_at + timedelta(minutes=2) and not _away(due.due_at, until, outages)
    )


def _punctual(row: Any) -> bool:
    return row.happened_at - row.due_at <= SOON


def _excused(due_at: datetime, happened_at: datetime, outages: Sequence[Outage], case: Complaint) -> bool:
    """Nobody worked then, or it was written down only after it was due (E82)."""
    return _away(due_at, happened_at, outages) or case.channel != "web"


def _away(begins: datetime, ends: datetime, outages: Sequence[Outage]) -> bool:
    return any(each.trouble in SLOW and each.begins - SOON <= ends and begins <= each.ends for each in outages)
