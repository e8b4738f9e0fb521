"""Reviews, audits and findings after a year, held against what people did and what the calendar says (C8)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.audits.finding import State
from kalecart.audits.plan import after_months
from kalecart.audits.review import first_day, quarter_of, to_open
from kalecart.clock import shop_date
from kalecart.database import Tx
from simulation.clock import midnight

# Somebody is awake within so many days.
OPENED_WITHIN: Final = timedelta(days=4)

_REVIEWS: Final = """
    SELECT r.id, r.quarter, r.opened_at, r.due_at,
           (SELECT count(*) FROM access_review_line WHERE review_id = r.id) AS lines
      FROM access_review AS r ORDER BY r.quarter
"""
_LINES: Final = """
    SELECT l.id, l.staff_id, l.outcome, l.decided_by,
           (SELECT count(*) FROM audit_entry AS a
             WHERE a.act = 'access_reviewed' AND a.detail ->> 'line' = l.id::text) AS told
      FROM access_review_line AS l
"""
_OVERDUE: Final = """
    SELECT 'review_overdue' AS kind, r.id::text AS subject FROM access_review AS r
     WHERE r.due_at <= :now AND EXISTS (
        SELECT FROM access_review_line AS l JOIN staff AS s ON s.id = l.staff_id
         WHERE l.review_id = r.id AND l.outcome IS NULL AND s.left_at IS NULL
           AND (l.kind = 'role' AND s.role = l.what OR l.kind = 'designation' AND EXISTS (
               SELECT FROM designation AS d WHERE d.staff_id = s.id AND d.scope = l.what AND d.starts_at <= :now
                  AND (d.ends_at > :now) IS NOT FALSE AND (d.revoked_at > :now) IS NOT FALSE)))
     UNION ALL
    SELECT 'finding_overdue', id::text FROM audit_finding WHERE state <> 'closed' AND follow_up_by < :today
"""
_PLANS: Final = """
    SELECT p.id, p.months, coalesce((SELECT max(held_on) FROM audit_held WHERE plan_id = p.id), p.planned_on) AS since
      FROM audit_plan AS p WHERE p.stopped_at IS NULL
"""
_ALERTS: Final = """
    SELECT kind, subject FROM alert
     WHERE kind IN ('review_overdue', 'audit_overdue', 'finding_overdue') AND resolved_at IS NULL
"""
_FINDINGS: Final = "SELECT id, state, severity, mended_by, closed_by FROM audit_finding"


async def reviewed_rightly(
    tx: Tx, decided: Mapping[UUID, int], *, start: datetime, now: datetime
) -> tuple[str, list[str]]:
    """`decided` counts what was let through, by line."""
    reviews = (await tx.execute(sa.text(_REVIEWS))).all()
    expected = to_open(quarter_of(shop_date(start)), quarter_of(shop_date(now)))
    expected.insert(0, quarter_of(shop_date(start)))
    broken = []
    if [row.quarter for row in reviews] != expected:
        broken.append(f"there are reviews of {', '.join(row.quarter for row in reviews)}")
    for row in reviews:
        late = row.opened_at - max(midnight(first_day(row.quarter)), start)
        broken += [f"{row.quarter} was opened {late} late"] if late > OPENED_WITHIN else []
        broken += [] if row.lines else [f"{row.quarter} is about nobody"]
    lines = (await tx.execute(sa.text(_LINES))).all()
    missing = {line for line, many in decided.items() if many} - {line.id for line in lines}
    broken += [f"{len(missing)} lines that were decided are on no record"] if missing else []
    for line in lines:
        broken += [f"line {line.id} {what}" for what in _line_wrong(line, decided[line.id])]
    taken = sum(line.outcome == "taken" for line in lines)
    done = sum(line.outcome is not None for line in lines)
    return f"{len(reviews)} reviews, {done} of {len(lines)} lines decided, {taken} taken away", broken


def _line_wrong(line: Any, decided: int) -> Iterable[str]:
    if (line.outcome is not None) != (decided == 1) or line.told != decided:
        yield f"is {line.outcome or 'open'}, was decided {decided} times and is told {line.told} times"
    if line.decided_by == line.staff_id:
        yield "was decided by whom it is about"


async def followed_rightly(tx: Tx, states: Mapping[UUID, State], *, now: datetime) -> tuple[str, list[str]]:
    """`states` has how far each finding is, as far as people know."""
    found = {row.id: row for row in await tx.execute(sa.text(_FINDINGS))}
    broken = [f"{len(found)} findings of {len(states)}"] if found.keys() != states.keys() else []
    broken += [
        f"finding {each} is {found[each].state}, and people think {state}"
        for each, state in states.items()
        if each in found and found[each].state != state
    ]
    four_eyes = [row for row in found.values() if row.severity == "severe" and row.closed_by is not None]
    broken += [f"finding {row.id} was closed by who mended it" for row in four_eyes if row.closed_by == row.mended_by]
    shown = {(row.kind, row.subject) for row in await tx.execute(sa.text(_ALERTS))}
    overdue = await _overdue(tx, now)
    broken += [f"{kind} of {subject} is shown nowhere" for kind, subject in sorted(overdue - shown)]
    broken += [f"{kind} of {subject} is shown, and is not so" for kind, subject in sorted(shown - overdue)]
    closed = sum(state is State.CLOSED for state in states.values())
    return f"{len(found)} findings, {closed} closed, {len(overdue)} things overdue and shown", broken


async def _overdue(tx: Tx, now: datetime) -> set[tuple[str, str]]:
    today = shop_date(now)
    bound = sa.text(_OVERDUE).bindparams(
        sa.bindparam("now", now, sa.DateTime(timezone=True)), sa.bindparam("today", today, sa.Date)
    )
    found = {(row.kind, row.subject) for row in await tx.execute(bound)}
    plans = await tx.execute(sa.text(_PLANS))
    return found | {("audit_overdue", str(row.id)) for row in plans if after_months(row.since, row.months) < today}
