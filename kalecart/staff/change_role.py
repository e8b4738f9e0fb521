"""Give somebody who works here another role: from now on, and their log-ins end (C8)."""

from datetime import datetime

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Conflict, Forbidden, Invalid, NotFound
from kalecart.ids import StaffId, new_id
from kalecart.jobs import WatchComplaints
from kalecart.staff import reads, store
from kalecart.staff.designate import revoke_in
from kalecart.staff.designation import ADMINISTRATOR, Designation, Scope
from kalecart.staff.leave import lock_but_the_last
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role


class OwnRole(Forbidden):
    """Somebody else decides about your role."""


class SameRole(Conflict):
    """They have this role."""


def role_of(typed: str) -> Role:
    """Raises Invalid at `/role` for what is none."""
    if typed not in set(Role):
        raise Invalid({"/role": "Choose a role."})
    return Role(typed)


async def change_role(staff_id: StaffId, role: Role, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids, OwnRole, NotFound, SameRole and LastManager."""
    by.require("staff:role")
    async with db.transaction() as tx:
        await change_role_in(tx, staff_id, role, by=by, now=clock.now())


async def change_role_in(tx: Tx, staff_id: StaffId, role: Role, *, by: StaffMember, now: datetime) -> None:
    """The same as a part of something else: what they did stands, and what they may do is the new role's.

    What they were designated for ends with the role they had it in. Whoever becomes privacy administrator is designated
    for everything, as if they joined.
    """
    if staff_id == by.id:
        raise OwnRole("Ask another manager.")
    before = await lock_but_the_last(tx, staff_id)
    if await reads.role_here(tx, staff_id) is None:
        raise NotFound("There is no such member of staff.")
    if before is role:
        raise SameRole("Nothing was changed.")
    await store.change_role(tx, staff_id, role)
    detail = {"from": str(before), "to": str(role)}
    await audit.record(
        tx, "role_changed", by=audit.by_staff(by.id), subject=("staff", staff_id), now=now, detail=detail
    )
    for each in await store.held_by(tx, staff_id, now=now):
        await revoke_in(tx, each.id, by=by, now=now)
    if role is ADMINISTRATOR:
        everything = [Designation(id=new_id(), staff_id=staff_id, scope=scope, starts_at=now) for scope in Scope]
        await store.designate(tx, everything, by=by.id, now=now)
    await tasks.promise(tx, WatchComplaints(slot=f"role:{staff_id}:{now:%Y-%m-%dT%H:%M:%S.%f}"), now=now, hinted=False)
    await store.end_sessions(tx, staff_id)
