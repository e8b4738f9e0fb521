"""End somebody's employment: they are out of the console at once, and forgotten later by the rule of retention (C8)."""

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Conflict, NotFound
from kalecart.ids import StaffId
from kalecart.staff import store
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role


class LastManager(Conflict):
    """Somebody has to be able to run the shop."""


async def leave(staff_id: StaffId, *, by: StaffMember | None, db: Database, clock: Clock) -> None:
    """Note that somebody left, and end their log-ins. Doing it twice changes nothing.

    `by` is None at the command line. Raises RoleForbids, NotFound, and LastManager.
    """
    if by is not None:
        by.require("staff:leave")
    now = clock.now()
    async with db.transaction() as tx:
        # All managers at once: of two who end each other's employment one waits, and is the last.
        managers = await store.lock_managers(tx)
        role = await store.lock_member(tx, staff_id)
        if role is None:
            raise NotFound("There is no such member of staff.")
        if role is Role.MANAGER and managers == [staff_id]:
            raise LastManager("Make somebody else a manager first.")
        if await store.leave(tx, staff_id, now=now):
            who = audit.by_staff(by.id) if by else audit.SHOP
            await audit.record(tx, "staff_left", by=who, subject=("staff", staff_id), now=now)
        await store.end_sessions(tx, staff_id)
