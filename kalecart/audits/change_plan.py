"""Plan an audit, change how often and by whom one is held, or stop it (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from kalecart import audit
from kalecart.audits import reads, store
from kalecart.audits.plan import ALWAYS, CLAUSES, MONTHS_MAX, TITLE_LENGTH_MAX, Plan
from kalecart.clock import Clock, shop_date
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import Conflict, NotFound
from kalecart.ids import StaffId, new_id
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember


class LastPlan(Conflict):
    """Safeguards are audited periodically: this is the last plan for it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`auditor_id` None means the manager. Without `going_on` the plan is stopped; audits that were held stay."""

    title: str
    clauses: Sequence[str]
    months: int | None
    auditor_id: StaffId | None = None
    going_on: bool = True


async def plan_audit(asked: Asked, *, by: StaffMember, db: Database, clock: Clock, made: UUID | None = None) -> Plan:
    """The first is due so many months from today; what was `made` by the same form before is not planned again. Raises
    RoleForbids, and Invalid with every field's problem."""
    by.require("audits:plan")
    async with db.transaction() as tx:
        now = clock.now()
        if made is not None and await store.planned_already(tx, made):
            return next(each for each in await reads.plans(tx) if each.id == made)
        fresh = Plan(id=made or new_id(), key=None, title="", clauses=(), months=1, planned_on=shop_date(now))
        plan = await _parse(tx, asked, fresh)
        await store.add_plan(tx, plan, by=by.id, now=now)
        who = audit.by_staff(by.id)
        await audit.record(tx, "audit_planned", by=who, subject=("audit_plan", plan.id), now=now, detail=_told(plan))
    return plan


async def change_plan(plan_id: UUID, asked: Asked, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids, NotFound, LastPlan where nothing would look at safeguards any more, and Invalid."""
    by.require("audits:plan")
    async with db.transaction() as tx:
        now = clock.now()
        await store.lock_plans(tx)
        known = {each.id: each for each in await reads.plans(tx)}
        if plan_id not in known:
            raise NotFound("There is no such plan.")
        plan = await _parse(tx, asked, known[plan_id])
        plan = replace(plan, stopped_at=None if asked.going_on else plan.stopped_at or now)
        others = [each for each in known.values() if each.id != plan_id]
        if not any(each.stopped_at is None and ALWAYS in each.clauses for each in (plan, *others)):
            raise LastPlan(f"Plan another audit of {ALWAYS} first.")
        await store.change_plan(tx, plan)
        detail = _told(plan) | {"stopped": plan.stopped_at is not None}
        who = audit.by_staff(by.id)
        await audit.record(tx, "audit_plan_changed", by=who, subject=("audit_plan", plan.id), now=now, detail=detail)


def _told(plan: Plan) -> dict[str, audit.Fact]:
    return {"clauses": "/".join(plan.clauses), "months": plan.months, "auditor": str(plan.auditor_id or "manager")}


async def _parse(tx: Tx, asked: Asked, before: Plan) -> Plan:
    problems = Problems()
    title = " ".join(asked.title.split())
    if not 0 < len(title) <= TITLE_LENGTH_MAX:
        problems.refuse("/title", f"Say what is looked at, in up to {TITLE_LENGTH_MAX} characters.")
    clauses = tuple(each for each in CLAUSES if each in set(asked.clauses))
    if not clauses or set(asked.clauses) - set(CLAUSES):
        problems.refuse("/clauses", "Choose the promises it looks at, C1 to C15.")
    if asked.months is None or not 1 <= asked.months <= MONTHS_MAX:
        problems.refuse("/months", f"Say every how many months, 1 to {MONTHS_MAX}.")
    if asked.auditor_id is not None and await staff.role_here(tx, asked.auditor_id) is None:
        problems.refuse("/auditor_id", "Choose somebody who works here, or the manager.")
    problems.raise_any()
    assert asked.months is not None
    return replace(before, title=title, clauses=clauses, months=asked.months, auditor_id=asked.auditor_id)
