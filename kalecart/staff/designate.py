"""Designate somebody to act for the manager (C3), and take that back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import StaffId, new_id
from kalecart.jobs import WatchComplaints
from kalecart.staff import reads, store
from kalecart.staff.designation import RESPONSIBLE, Designation, Scope
from kalecart.staff.member import StaffMember

AHEAD_MAX: Final = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`starts_at` None means now, `ends_at` None until it is revoked; `made` is the id the form gives it."""

    staff_id: StaffId
    scope: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    made: UUID | None = None


async def designate(asked: Asked, *, by: StaffMember, db: Database, clock: Clock) -> Designation:
    """Once for the same `made`: of two, one would stand when the other is taken back.

    Raises RoleForbids, and Invalid with every field's problem.
    """
    by.require("staff:designate")
    now = clock.now()
    async with db.transaction() as tx:
        if asked.made and (before := await store.designated_before(tx, asked.made)):
            return before
        made = await _parse(tx, asked, now=now)
        await store.designate(tx, [made], by=by.id, now=now)
        await audit.record(
            tx,
            "designated",
            by=audit.by_staff(by.id),
            subject=("staff", made.staff_id),
            now=now,
            detail={"designation": made.id, "scope": str(made.scope)},
        )
        await _look_again(tx, made, "made", now=now)
    return made


async def revoke(designation_id: UUID, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """It ends now; what was done under it stands. Doing it twice changes nothing. Raises RoleForbids and NotFound."""
    by.require("staff:designate")
    async with db.transaction() as tx:
        await revoke_in(tx, designation_id, by=by, now=clock.now())


async def revoke_in(tx: Tx, designation_id: UUID, *, by: StaffMember, now: datetime) -> None:
    """The same as a part of something else. Raises NotFound."""
    kept = await store.lock_designation(tx, designation_id)
    if kept is None:
        raise NotFound("There is no such designation.")
    if kept.revoked_at is not None:
        return
    await store.revoke(tx, designation_id, now=now)
    await audit.record(
        tx,
        "designation_revoked",
        by=audit.by_staff(by.id),
        subject=("staff", kept.staff_id),
        now=now,
        detail={"designation": kept.id, "scope": str(kept.scope)},
    )
    await _look_again(tx, kept, "revoked", now=now)


async def _parse(tx: Tx, asked: Asked, *, now: datetime) -> Designation:
    problems = Problems()
    role = await reads.role_here(tx, asked.staff_id)
    if role is None or role is RESPONSIBLE:
        problems.refuse("/staff_id", "Choose somebody who works here. A manager needs no designation.")
    if asked.scope not in set(Scope):
        problems.refuse("/scope", "Choose what they are designated for.")
    starts_at = asked.starts_at or now
    if not now <= starts_at <= now + AHEAD_MAX:
        problems.refuse("/starts_at", "It begins today or later, within two years: nobody was designated before.")
    if asked.ends_at is not None and asked.ends_at <= starts_at:
        problems.refuse("/ends_at", "It ends after it begins.")
    problems.raise_any()
    return Designation(
        id=asked.made or new_id(),
        staff_id=asked.staff_id,
        scope=Scope(asked.scope),
        starts_at=starts_at,
        ends_at=asked.ends_at,
    )


async def _look_again(tx: Tx, changed: Designation, what: str, *, now: datetime) -> None:
    """Complaints that now have nobody, or somebody at last, are given to who has to have them."""
    if changed.scope is Scope.COMPLAINTS:
        await tasks.promise(tx, WatchComplaints(slot=f"{what}:{changed.id}"), now=now, hinted=False)
