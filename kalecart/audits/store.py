"""All SQL that changes reviews, plans, audits and findings."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.audits.finding import Finding, Severity, State
from kalecart.audits.plan import DEFAULT, Plan
from kalecart.audits.review import Kind, Line, Outcome
from kalecart.audits.tables import access_review, access_review_line, audit_finding, audit_held, audit_plan
from kalecart.database import Tx
from kalecart.ids import StaffId, new_id
from kalecart.once import made_before

# Ids of the database's own: the lines of a review are made in one statement, and nobody goes through them by time.
_LINES: Final = sa.text("""
    INSERT INTO access_review_line (id, review_id, staff_id, kind, what)
    SELECT gen_random_uuid(), :review_id, s.id, 'role', s.role FROM staff AS s WHERE s.left_at IS NULL
     UNION ALL
    SELECT gen_random_uuid(), :review_id, held.staff_id, 'designation', held.scope
      FROM (SELECT DISTINCT d.staff_id, d.scope FROM designation AS d JOIN staff AS s ON s.id = d.staff_id
             WHERE s.left_at IS NULL AND d.starts_at <= :now AND (d.ends_at > :now) IS NOT FALSE
               AND (d.revoked_at > :now) IS NOT FALSE) AS held
""").bindparams(sa.bindparam("review_id", type_=sa.Uuid), sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def open_review(tx: Tx, quarter: str, *, due_at: datetime, now: datetime) -> UUID | None:
    """None where somebody opened it before."""
    row = {"id": new_id(), "quarter": quarter, "opened_at": now, "due_at": due_at}
    written = insert(access_review).values(**row).on_conflict_do_nothing(index_elements=["quarter"])
    return await tx.scalar(written.returning(access_review.c.id))


async def add_lines(tx: Tx, review_id: UUID, *, now: datetime) -> None:
    """One for each role and designation that is held at this instant."""
    await tx.execute(_LINES, {"review_id": review_id, "now": now})


async def lock_line(tx: Tx, line_id: UUID) -> Line | None:
    """Held until the transaction ends."""
    found = sa.select(access_review_line).where(access_review_line.c.id == line_id).with_for_update()
    row = (await tx.execute(found)).mappings().one_or_none()
    return line_of(row) if row else None


async def decide(tx: Tx, line_id: UUID, outcome: Outcome, *, by: StaffId, now: datetime) -> None:
    mine = sa.update(access_review_line).where(access_review_line.c.id == line_id)
    await tx.execute(mine.values(outcome=outcome.value, decided_by=by, decided_at=now))


async def begin_plans(tx: Tx, *, today: date, now: datetime) -> None:
    """Those every shop begins with; where they are, changed or stopped, nothing is done."""
    rows = [
        {"id": new_id(), "key": each.key, "title": each.title, "clauses": list(each.clauses)}
        | {"months": each.months, "planned_on": today, "made_at": now}
        for each in DEFAULT
    ]
    await tx.execute(insert(audit_plan).on_conflict_do_nothing(index_elements=["key"]), rows)


async def lock_plans(tx: Tx) -> None:
    """All that there are, until the transaction ends: what has to be true of them together is then."""
    await tx.execute(sa.select(audit_plan.c.id).order_by(audit_plan.c.id).with_for_update())


async def add_plan(tx: Tx, plan: Plan, *, by: StaffId, now: datetime) -> None:
    await tx.execute(sa.insert(audit_plan).values(**_plan_row(plan), made_by=by, made_at=now))


async def change_plan(tx: Tx, plan: Plan) -> None:
    await tx.execute(sa.update(audit_plan).where(audit_plan.c.id == plan.id).values(**_plan_row(plan)))


def _plan_row(plan: Plan) -> dict[str, Any]:
    row = asdict(plan)
    del row["held_on"]
    return row | {"clauses": list(plan.clauses)}


async def made_already(tx: Tx, made: UUID) -> bool:
    """An audit or a finding."""
    return await made_before(tx, made, audit_held.c.id, audit_finding.c.id)


async def planned_already(tx: Tx, made: UUID) -> bool:
    return await made_before(tx, made, audit_plan.c.id)


async def hold(
    tx: Tx, audit_id: UUID, plan_id: UUID, *, held_on: date, result: str, by: StaffId, now: datetime
) -> None:
    row = {"id": audit_id, "plan_id": plan_id, "held_on": held_on, "held_by": by, "result": result, "recorded_at": now}
    await tx.execute(sa.insert(audit_held).values(**row))


async def add_findings(tx: Tx, found: Sequence[Finding]) -> None:
    if found:
        await tx.execute(sa.insert(audit_finding), [asdict(each) for each in found])


async def lock_finding(tx: Tx, finding_id: UUID) -> Finding | None:
    """Held until the transaction ends."""
    found = sa.select(audit_finding).where(audit_finding.c.id == finding_id).with_for_update()
    row = (await tx.execute(found)).mappings().one_or_none()
    return finding_of(row) if row else None


async def move_finding(tx: Tx, finding_id: UUID, state: State, **values: Any) -> None:
    mine = sa.update(audit_finding).where(audit_finding.c.id == finding_id)
    await tx.execute(mine.values(state=state.value, **values))


def line_of(row: Any) -> Line:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Line) if field.name in row}
    values["kind"] = Kind(row["kind"])
    values["outcome"] = Outcome(row["outcome"]) if row["outcome"] else None
    return Line(**values)


def finding_of(row: Any) -> Finding:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Finding)}
    values["severity"], values["state"] = Severity(row["severity"]), State(row["state"])
    return Finding(**values)
