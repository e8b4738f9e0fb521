"""Complaints after a year: their steps and their standing, held against arithmetic over what is stored (C13)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.complaints.complaint import Complaint, Standing
from kalecart.complaints.ladder import BREACH, DEFAULT, Due, reached
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.database import Tx
from kalecart.ids import ComplaintId
from simulation.clock import midnight
from simulation.outages import Outage, Trouble

# A tick comes after each midnight; whoever does the work may have a clock that is behind by this much.
SOON: Final = timedelta(minutes=1)
SLOW: Final = frozenset({Trouble.WORKERS, Trouble.DARK, Trouble.BEHIND})
UNSEEN: Final = timedelta(hours=4)
_WRITTEN: Final = """
    SELECT c.id, c.recorded_at,
           (SELECT min(at) FROM complaint_assignment WHERE complaint_id = c.id) AS assigned_at,
           (SELECT min(sent_at) FROM complaint_answer WHERE complaint_id = c.id AND bounced_at IS NULL) AS reached_at
      FROM complaint AS c
"""
_RETURNED: Final = """
    SELECT complaint_id, sent_at, bounced_at FROM complaint_answer WHERE bounced_at IS NOT NULL
"""
_STEPS: Final = """
    SELECT s.complaint_id, s.step, s.due_at, s.happened_at,
           s.told <> '{}' AND NOT EXISTS (
                SELECT FROM unnest(s.told) AS who
                 WHERE NOT EXISTS (SELECT FROM mail AS m WHERE m.kind = 'complaint_due' AND m.subject_id = who
                                      AND m.occasion::timestamptz = s.happened_at)) AS told
      FROM complaint_step AS s ORDER BY s.due_at
"""
_TOLD: Final = "SELECT subject FROM alert WHERE kind = 'complaint_late'"


async def escalated_rightly(tx: Tx, *, now: datetime, outages: Sequence[Outage]) -> tuple[str, Sequence[str]]:
    """How much there was to look at, and what is wrong with it."""
    steps: dict[Any, list[Any]] = {}
    for row in await tx.execute(sa.text(_STEPS)):
        steps.setdefault(row.complaint_id, []).append(row)
    back = [(row.complaint_id, row.sent_at, row.bounced_at) for row in await tx.execute(sa.text(_RETURNED))]
    cases, written = await _cases(tx), await _written(tx)
    broken = []
    for case in cases:
        seemed = [(sent, came) for complaint_id, sent, came in back if complaint_id == case.id]
        mine = written[case.id]
        known = _Known(
            now=now, outages=outages, seemed=seemed, recorded_at=mine.recorded_at, assigned_at=mine.assigned_at
        )
        broken += [f"{case.number}: {what}" for what in _wrong(case, steps.get(case.id, []), known)]
    punctual = sum(_punctual(row) for taken in steps.values() for row in taken)
    many = sum(map(len, steps.values()))
    return f"{many} steps of {len(cases)} complaints, {punctual} within a minute", broken


async def answered_rightly(tx: Tx, known: Collection[ComplaintId], *, now: datetime) -> tuple[str, Sequence[str]]:
    """`known` are those that people know of."""
    rows = await tx.execute(sa.text(_STEPS))
    breached = {row.complaint_id for row in rows if row.step == BREACH}
    told = set(await tx.scalars(sa.text(_TOLD)))
    cases, written = await _cases(tx), await _written(tx)
    late = {case.id for case in cases if case.late(now)}
    missing = set(known) - {case.id for case in cases}
    broken = [f"{len(missing)} complaints are on no record"] if missing else []
    for case in cases:
        broken += [f"{case.number} {what}" for what in _standing_wrong(case, written[case.id].reached_at, now)]
        if case.id in breached - late:
            broken.append(f"{case.number} was in time and breached")
        if (case.id in breached and str(case.id) not in told) or (case.open and case.id in late - breached):
            broken.append(f"{case.number} is late, and nobody was told")
    answered = sum(not case.open for case in cases)
    return f"{answered} answered, {len(late)} late, {len(cases) - answered} open", broken


def _standing_wrong(case: Complaint, reached_at: datetime | None, now: datetime) -> Iterable[str]:
    # Counted from the calendar, and not by what the shop counts with.
    if case.due_at != midnight(shop_date(case.received_at) + timedelta(days=31)):
        yield f"is due at {case.due_at}, and came at {case.received_at}"
    if case.answered_at != reached_at:
        yield f"was answered at {case.answered_at}, and its answer went out at {reached_at}"
    standing = case.standing(now)
    if case.open and (standing is Standing.BREACHED) != (case.due_at <= now):
        yield f"stands as {standing}"


async def _cases(tx: Tx) -> Sequence[Complaint]:
    return [complaint_of(row) for row in (await tx.execute(sa.select(*FIELDS))).mappings()]


async def _written(tx: Tx) -> Mapping[ComplaintId, Any]:
    return {row.id: row for row in await tx.execute(sa.text(_WRITTEN))}


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What excuses that a step was taken late. `seemed` is from when to when a case seemed answered, by letters that
    came back; nobody had it before `assigned_at`."""

    now: datetime
    outages: Sequence[Outage]
    seemed: Sequence[tuple[datetime, datetime]]
    recorded_at: datetime
    assigned_at: datetime | None

    def latest(self, due_at: datetime) -> datetime:
        """By when a step is taken: once its case is written down, nobody takes it for answered, and somebody is awake
        (E82)."""
        begins = max([due_at, self.recorded_at, *(back for sent, back in self.seemed if sent <= due_at <= back)])
        if begins == due_at:
            return self._awake(due_at) + SOON
        # What was written down after its time, or seemed answered, is taken up with the tick after the next midnight;
        # or after a later one, where it seems answered again by then.
        tick = self._next_midnight(begins)
        for sent, back in sorted(self.seemed):
            if sent <= tick <= back:
                tick = self._next_midnight(back)
        return self._awake(tick) + SOON

    def _next_midnight(self, moment: datetime) -> datetime:
        return midnight(shop_date(self._awake(moment)) + timedelta(days=1))

    def _awake(self, moment: datetime) -> datetime:
        """When somebody works first, from a moment on. Outages are in the order in which they begin."""
        for each in self.outages:
            if each.trouble in SLOW and each.begins - SOON <= moment <= each.ends:
                moment = each.ends
        return moment

    def needed(self, due: Due, until: datetime) -> bool:
        """A complaint that somebody has needs no one to take it."""
        latest = self.latest(due.due_at) + SOON
        had = due.step.unassigned and self.assigned_at is not None and self.assigned_at <= latest
        return latest < until and not had


def _wrong(case: Complaint, taken: Sequence[Any], known: _Known) -> Iterable[str]:
    """What is recorded held against what the ladder says of the time it was open."""
    ladder = {due.name: due for due in reached(DEFAULT, case.due_at, known.now)}
    for row in taken:
        due = ladder.get(row.step)
        if due is None or due.due_at != row.due_at:
            yield f"{row.step} was no step of it"
            continue
        if row.happened_at < row.due_at:
            yield f"{row.step} was taken early"
        if case.answered_at is not None and row.happened_at > case.answered_at + UNSEEN:
            yield f"{row.step} was taken after the answer"
        had = due.step.unassigned and case.against is None and known.assigned_at is not None
        if had and known.assigned_at + UNSEEN < row.happened_at:
            yield f"{row.step} was taken though somebody had it"
        if row.happened_at > known.latest(row.due_at):
            yield f"{row.step} was taken {row.happened_at - row.due_at} late, and nobody was away"
    yield from _out_of_order(taken)
    until = case.answered_at or known.now
    for due in ladder.values():
        if due.name not in {row.step for row in taken} and known.needed(due, until):
            yield f"{due.name} was never taken"


def _out_of_order(taken: Sequence[Any]) -> Iterable[str]:
    """Of steps that were taken at once the last is told, and each of them is taken once."""
    moments = [row.happened_at for row in taken]
    if moments != sorted(moments):
        yield "its steps are out of order"
    yield from (
        f"{step} was taken {many} times" for step, many in Counter(row.step for row in taken).items() if many > 1
    )
    last = {row.happened_at: row for row in taken}
    yield from (f"{row.step} was told nobody" for row in last.values() if not row.told)


def _punctual(row: Any) -> bool:
    return row.happened_at - row.due_at <= SOON
