"""Reviews, plans, audits and findings as pages, letters and the clock read them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.audits.finding import Finding, State
from kalecart.audits.plan import Plan
from kalecart.audits.review import Line, Review
from kalecart.audits.store import finding_of, line_of
from kalecart.audits.tables import access_review, audit_finding, audit_held, audit_plan
from kalecart.database import Tx
from kalecart.ids import StaffId

SHOWN_MAX: Final = 200

_NOW: Final = sa.bindparam("now", type_=sa.DateTime(timezone=True))
_HELD: Final = """
    (s.left_at IS NULL AND CASE l.kind WHEN 'role' THEN s.role = l.what ELSE EXISTS (
        SELECT FROM designation AS d WHERE d.staff_id = l.staff_id AND d.scope = l.what AND d.starts_at <= :now
           AND (d.ends_at > :now) IS NOT FALSE AND (d.revoked_at > :now) IS NOT FALSE) END)
"""
_REVIEWS: Final = sa.text(f"""
    SELECT r.id, r.quarter, r.opened_at, r.due_at, count(l.id) AS lines,
           count(l.id) FILTER (WHERE l.outcome IS NULL AND {_HELD}) AS left
      FROM access_review AS r LEFT JOIN access_review_line AS l ON l.review_id = r.id
      LEFT JOIN staff AS s ON s.id = l.staff_id
     GROUP BY r.id ORDER BY r.quarter DESC
""").bindparams(_NOW)  # noqa: S608  # our own


async def reviews(tx: Tx, *, now: datetime) -> Sequence[Review]:
    """Every one there was, the latest first: four a year."""
    return [Review(**row) for row in (await tx.execute(_REVIEWS, {"now": now})).mappings()]


async def last_quarter(tx: Tx) -> str | None:
    """Of the latest review."""
    return await tx.scalar(sa.select(sa.func.max(access_review.c.quarter)))


async def began_at(tx: Tx) -> datetime | None:
    """When the first who worked here joined."""
    return await tx.scalar(sa.text("SELECT min(joined_at) FROM staff"))


_LINES: Final = """
    SELECT l.*, {held} AS held FROM access_review_line AS l JOIN staff AS s ON s.id = l.staff_id
     WHERE l.{column} = :of ORDER BY s.joined_at, s.id, l.kind DESC, l.what
"""
_OF: Final = sa.bindparam("of", type_=sa.Uuid)
_OF_REVIEW: Final = sa.text(_LINES.format(held=_HELD, column="review_id")).bindparams(_NOW, _OF)
_ONE: Final = sa.text(_LINES.format(held=_HELD, column="id")).bindparams(_NOW, _OF)


async def lines(tx: Tx, review_id: UUID, *, now: datetime) -> Sequence[Line]:
    """Of one review, by who joined first; of each the role before what they are designated for."""
    return [line_of(row) for row in (await tx.execute(_OF_REVIEW, {"of": review_id, "now": now})).mappings()]


async def still_held(tx: Tx, line: Line, *, now: datetime) -> bool:
    """Whether its person may still do what it is about."""
    row = (await tx.execute(_ONE, {"of": line.id, "now": now})).mappings().one()
    return line_of(row).held


_PLAN_COLUMNS: Final = tuple(audit_plan.c[field.name] for field in fields(Plan) if field.name != "held_on")


async def plans(tx: Tx) -> Sequence[Plan]:
    """All, also those that were stopped, each with its last day."""
    last = sa.select(sa.func.max(audit_held.c.held_on)).where(audit_held.c.plan_id == audit_plan.c.id)
    found = sa.select(*_PLAN_COLUMNS, last.scalar_subquery().label("held_on"))
    rows = (await tx.execute(found.order_by(audit_plan.c.months, audit_plan.c.title, audit_plan.c.id))).mappings()
    return [Plan(**_plan_values(row)) for row in rows]


def _plan_values(row: Any) -> dict[str, Any]:
    return {**row, "clauses": tuple(row["clauses"])}


@dataclass(frozen=True, kw_only=True)
class Held:
    """An audit that was held; `result` are the words of who held it."""

    id: UUID
    plan_id: UUID
    title: str
    held_on: date
    held_by: StaffId
    result: str


async def held(tx: Tx, *, most: int = SHOWN_MAX) -> Sequence[Held]:
    """The latest first."""
    columns = (audit_held.c[name] for name in ("id", "plan_id", "held_on", "held_by", "result"))
    found = sa.select(*columns, audit_plan.c.title).join(audit_plan, audit_plan.c.id == audit_held.c.plan_id)
    latest = found.order_by(audit_held.c.held_on.desc(), audit_held.c.id.desc()).limit(most)
    return [Held(**row) for row in (await tx.execute(latest)).mappings()]


async def clauses_of(tx: Tx, audit_id: UUID) -> Sequence[str] | None:
    """What an audit was about; None where there is none."""
    plan = sa.select(audit_plan.c.clauses).join(audit_held, audit_held.c.plan_id == audit_plan.c.id)
    return await tx.scalar(plan.where(audit_held.c.id == audit_id))


async def findings(tx: Tx, *, closed: bool, most: int = SHOWN_MAX) -> Sequence[Finding]:
    """Those that are not closed, the most urgent first; with `closed` those that are, the latest first."""
    is_closed = audit_finding.c.state == State.CLOSED.value
    found = sa.select(audit_finding).where(is_closed if closed else ~is_closed)
    order = audit_finding.c.closed_at.desc() if closed else audit_finding.c.follow_up_by
    rows = await tx.execute(found.order_by(order, audit_finding.c.id).limit(most))
    return [finding_of(row) for row in rows.mappings()]


async def finding(tx: Tx, finding_id: UUID) -> Finding | None:
    row = (await tx.execute(sa.select(audit_finding).where(audit_finding.c.id == finding_id))).mappings().one_or_none()
    return finding_of(row) if row else None


_TOLD: Final = sa.text(
    "SELECT subject_id, occasion FROM mail WHERE kind = 'audit_due' AND subject_id = ANY(:people)"
).bindparams(sa.bindparam("people", type_=sa.ARRAY(sa.Uuid)))


async def told(tx: Tx, people: Sequence[StaffId]) -> set[tuple[UUID, str]]:
    """Letters about what is due that were written to these people."""
    rows = await tx.execute(_TOLD, {"people": list(people)})
    return {(row.subject_id, row.occasion) for row in rows}


async def still_due(tx: Tx, kind: str, subject: UUID, day: str, *, now: datetime) -> str | None:
    """What to call something that is to be done by a day; None where it is done by now, or due on another."""
    if kind == "review":
        open_ones = [each for each in await reviews(tx, now=now) if each.id == subject and each.left]
        names = {str(each.due_on): each.quarter for each in open_ones}
    elif kind == "audit":
        names = {str(each.due_on): each.title for each in await plans(tx) if each.id == subject and not each.stopped_at}
    else:
        found = await finding(tx, subject)
        names = {str(found.follow_up_by): found.clause} if found and found.state is not State.CLOSED else {}
    return names.get(day)
