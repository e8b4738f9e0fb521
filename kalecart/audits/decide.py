"""Confirm what somebody may do, or take it away there and then (C8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from kalecart import audit
from kalecart.audits import reads, store
from kalecart.audits.review import Kind, Line, Outcome
from kalecart.clock import Clock
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import Conflict, Forbidden, NotFound
from kalecart.staff import reads as staff
from kalecart.staff.change_role import change_role_in
from kalecart.staff.designate import revoke_in
from kalecart.staff.leave import leave_in
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.store import held_by

# Instead of another role: they work here no longer.
LEAVES: Final = ""


class OwnAccess(Forbidden):
    """Somebody else reviews what you may do."""


class LineDecided(Conflict):
    """Somebody decided about this before."""


class NotHeld(Conflict):
    """They may not do this any more."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`instead` is for a role that is taken away: another role, or `LEAVES`."""

    outcome: str
    instead: str = LEAVES


async def decide(line_id: UUID, asked: Asked, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids and NotDesignated for who may not do what follows from it, OwnAccess, NotFound, LineDecided,
    NotHeld, LastManager, and Invalid.

    Whoever reviews the manager acts for him and may only confirm: taking a role or a designation away is the manager's.
    """
    by.require("access:review")
    outcome, instead = _parse(asked)
    async with db.transaction() as tx:
        now = clock.now()
        line = await store.lock_line(tx, line_id)
        if line is None:
            raise NotFound("There is no such line.")
        if line.staff_id == by.id:
            raise OwnAccess("What the manager may do is reviewed by somebody who acts for him.")
        await staff.require_acting(tx, by, now=now)
        if line.outcome is not None:
            raise LineDecided("It stands; what is to change is changed on the page People.")
        if not await reads.still_held(tx, line, now=now):
            raise NotHeld("There is nothing left to decide here.")
        if outcome is Outcome.TAKEN:
            await _take(tx, line, instead, by=by, now=now)
        await store.decide(tx, line_id, outcome, by=by.id, now=now)
        detail = {"line": line.id, "kind": str(line.kind), "what": line.what, "outcome": str(outcome)}
        who, subject = audit.by_staff(by.id), ("staff", line.staff_id)
        await audit.record(tx, "access_reviewed", by=who, subject=subject, now=now, detail=detail)


def _parse(asked: Asked) -> tuple[Outcome, Role | None]:
    problems = Problems()
    if asked.outcome not in set(Outcome):
        problems.refuse("/outcome", "Say whether it stays or is taken away.")
    if asked.instead != LEAVES and asked.instead not in set(Role):
        problems.refuse("/instead", "Choose a role, or that they work here no longer.")
    problems.raise_any()
    return Outcome(asked.outcome), Role(asked.instead) if asked.instead else None


async def _take(tx: Tx, line: Line, instead: Role | None, *, by: StaffMember, now: datetime) -> None:
    if line.kind is Kind.DESIGNATION:
        by.require("staff:designate")
        for each in await held_by(tx, line.staff_id, now=now):
            if each.scope == line.what:
                await revoke_in(tx, each.id, by=by, now=now)
    elif instead is None:
        by.require("staff:leave")
        await leave_in(tx, line.staff_id, by=audit.by_staff(by.id), now=now)
    else:
        by.require("staff:role")
        await change_role_in(tx, line.staff_id, instead, by=by, now=now)
