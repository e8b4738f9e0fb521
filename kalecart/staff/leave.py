"""End somebody's employment: they are out of the console at once, and forgotten later by the rule of retention (C8)."""

from datetime import datetime

from kalecart import audit, tasks
from kalecart.accounts.log_in import email_index
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Conflict, NotFound
from kalecart.ids import StaffId
from kalecart.jobs import WatchComplaints, WatchPaper
from kalecart.staff import reads, store, store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.vault import Vault


class LastManager(Conflict):
    """Somebody has to be able to run the shop."""


async def leave(staff_id: StaffId, *, by: StaffMember | None, db: Database, clock: Clock) -> None:
    """Note that somebody left, and end their log-ins. Doing it twice changes nothing.

    `by` is None at the command line. Raises RoleForbids, NotFound, and LastManager.
    """
    if by is not None:
        by.require("staff:leave")
    async with db.transaction() as tx:
        await leave_in(tx, staff_id, by=audit.by_staff(by.id) if by else audit.SHOP, now=clock.now())


async def leave_in(tx: Tx, staff_id: StaffId, *, by: audit.Actor, now: datetime) -> None:
    """The same as a part of something else. Raises NotFound, and LastManager."""
    await lock_but_the_last(tx, staff_id)
    if await store.leave(tx, staff_id, now=now):
        await audit.record(tx, "staff_left", by=by, subject=("staff", staff_id), now=now)
        # What they were designated for ends with this instant, and their complaints are given back (E85).
        await tasks.promise(tx, WatchComplaints(slot=f"left:{staff_id}"), now=now, hinted=False)
        # A cabinet whose key they had is nobody's from now on, and somebody is told.
        await tasks.promise(tx, WatchPaper(slot=f"left:{staff_id}"), now=now, hinted=False)
    await store.end_sessions(tx, staff_id)
    await store_factors.forget(tx, staff_id)


async def lock_but_the_last(tx: Tx, staff_id: StaffId) -> Role:
    """The role of somebody, held until the transaction ends. Raises NotFound, and LastManager where nobody else is."""
    # All managers at once: of two who end each other's employment one waits, and is the last.
    managers = await store.lock_managers(tx)
    role = await store.lock_member(tx, staff_id)
    if role is None:
        raise NotFound("There is no such member of staff.")
    if role is Role.MANAGER and managers == [staff_id]:
        raise LastManager("Make somebody else a manager first.")
    return role


async def leave_by_email(email: str, *, db: Database, vault: Vault, clock: Clock) -> None:
    """The same for whoever logs in with an address, at the command line. Raises NotFound, and LastManager."""
    async with db.transaction() as tx:
        staff_id = await reads.ever(tx, email_index(email, vault))
    if staff_id is None:
        raise NotFound("Nobody who works here has this address.")
    await leave(staff_id, by=None, db=db, clock=clock)
