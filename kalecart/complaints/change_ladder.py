"""Change who hears of complaints and when: from now on, for every open one (C13)."""

from collections.abc import Sequence

from kalecart import audit
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.ladder import Step, checked
from kalecart.database import Database
from kalecart.staff.member import StaffMember


async def change_ladder(steps: Sequence[Step], *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids, and Invalid at `/steps` for what would let a complaint slip through."""
    by.require("complaints:ladder")
    now = clock.now()
    async with db.transaction() as tx:
        await store.add_ladder(tx, checked(steps), by=by.id, now=now)
        await store.look_at_all(tx, now=now)
        await audit.record(tx, "ladder_changed", by=audit.by_staff(by.id), subject=("ladder", "complaints"), now=now)
