"""Write down an audit that was held, and what it found (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart import audit
from kalecart.audits import reads, store
from kalecart.audits.finding import WORDS_LENGTH_MAX, Finding, Severity
from kalecart.audits.plan import CLAUSES
from kalecart.clock import Clock, shop_date
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import new_id
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember

HELD_WITHIN: Final = timedelta(days=60)
FINDINGS_MAX: Final = 50


@dataclass(frozen=True, kw_only=True)
class Found:
    """As it was typed, with the `id` the form gives it. `follow_up_by` is the day by which it is to be put right."""

    clause: str
    severity: str
    words: str
    follow_up_by: date | None
    id: UUID | None = None


async def hold_audit(
    plan_id: UUID,
    held_on: date | None,
    result: str,
    found: Sequence[Found] = (),
    *,
    by: StaffMember,
    db: Database,
    clock: Clock,
    made: UUID | None = None,
) -> UUID:
    """The next one is due so many months later; what was `made` by the same form before is not held again.

    Raises RoleForbids, NotDesignated, NotFound, and Invalid.
    """
    by.require("audits:hold")
    async with db.transaction() as tx:
        now = clock.now()
        await staff.require_acting(tx, by, now=now)
        if made is not None and await store.made_already(tx, made):
            return made
        plan = next((each for each in await reads.plans(tx) if each.id == plan_id), None)
        if plan is None:
            raise NotFound("There is no such plan.")
        problems, today = Problems(), shop_date(now)
        if held_on is None or not today - HELD_WITHIN <= held_on <= today:
            problems.refuse("/held_on", f"Enter the day it was held: today or before, within {HELD_WITHIN.days} days.")
        result = _words(problems, "/result", result, "Say what was looked at, and how it is")
        findings = _found(problems, found, by=by, now=now)
        problems.raise_any()
        assert held_on is not None
        audit_id = made or new_id()
        await store.hold(tx, audit_id, plan_id, held_on=held_on, result=result, by=by.id, now=now)
        await store.add_findings(tx, [_of(each, audit_id) for each in findings])
        detail = {"audit": audit_id, "held_on": held_on.isoformat(), "findings": len(findings)}
        who = audit.by_staff(by.id)
        await audit.record(tx, "audit_held", by=who, subject=("audit_plan", plan_id), now=now, detail=detail)
    return audit_id


async def add_finding(audit_id: UUID, found: Found, *, by: StaffMember, db: Database, clock: Clock) -> UUID:
    """One more of an audit that was held. Raises RoleForbids, NotDesignated, NotFound, and Invalid."""
    by.require("audits:hold")
    async with db.transaction() as tx:
        now = clock.now()
        await staff.require_acting(tx, by, now=now)
        if found.id is not None and await store.made_already(tx, found.id):
            return found.id
        if await reads.clauses_of(tx, audit_id) is None:
            raise NotFound("There is no such audit.")
        problems = Problems()
        findings = _found(problems, [found], by=by, now=now, at="")
        problems.raise_any()
        made = _of(findings[0], audit_id)
        await store.add_findings(tx, [made])
        await _on_record(tx, made, by, now=now)
    return made.id


async def _on_record(tx: Tx, made: Finding, by: StaffMember, *, now: datetime) -> None:
    detail = {"audit": made.audit_id, "clause": made.clause, "severity": str(made.severity)}
    subject = ("audit_finding", made.id)
    await audit.record(tx, "finding_added", by=audit.by_staff(by.id), subject=subject, now=now, detail=detail)


def _found(
    problems: Problems, found: Sequence[Found], *, by: StaffMember, now: datetime, at: str | None = None
) -> list[Finding]:
    """`at` is where in the form a single finding is; of several each is at its place in `/findings`."""
    if len(found) > FINDINGS_MAX:
        problems.refuse("/findings", f"Up to {FINDINGS_MAX} at once.")
        return []
    read = []
    for place, each in enumerate(found):
        field = f"/findings/{place}" if at is None else at
        words = _words(problems, f"{field}/words", each.words, "Say what is wrong")
        if each.clause not in CLAUSES:
            problems.refuse(f"{field}/clause", "Choose a promise, C1 to C15.")
        if each.severity not in set(Severity):
            problems.refuse(f"{field}/severity", "Say how bad it is: minor or severe.")
            continue
        severity, today = Severity(each.severity), shop_date(now)
        if each.follow_up_by is None or not today <= each.follow_up_by <= today + severity.within:
            words_of = f"Enter the day by which it is put right, within {severity.within.days} days."
            problems.refuse(f"{field}/follow_up_by", words_of)
            continue
        read.append(
            Finding(
                id=each.id or new_id(),
                audit_id=UUID(int=0),
                clause=each.clause,
                severity=severity,
                words=words,
                follow_up_by=each.follow_up_by,
                found_by=by.id,
                found_at=now,
            )
        )
    return read


def _words(problems: Problems, field: str, typed: str, what: str) -> str:
    words = typed.strip()
    if not 0 < len(words) <= WORDS_LENGTH_MAX:
        problems.refuse(field, f"{what}, in up to {WORDS_LENGTH_MAX:,} characters. Name nobody.")
    return words


def _of(found: Finding, audit_id: UUID) -> Finding:
    return replace(found, audit_id=audit_id)
