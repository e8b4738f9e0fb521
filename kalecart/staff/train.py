"""Write down that somebody who works here was trained (C8, C9)."""

from datetime import UTC, date
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock, shop_date
from kalecart.customers.problems import Problems
from kalecart.database import Database
from kalecart.ids import StaffId
from kalecart.staff import reads, store
from kalecart.staff.member import StaffMember
from kalecart.staff.training import HELD_WITHIN, expires_at


async def train(
    staff_id: StaffId,
    held_on: date | None,
    *,
    by: StaffMember,
    db: Database,
    clock: Clock,
    made: UUID | None = None,
) -> None:
    """Their role counts for a year from that day, and comes back at once where it had lapsed; what was `made` by the
    same form before is not written down again.

    A manager may write down their own: whoever lapsed last could not be let in by anybody else. Raises RoleForbids, and
    Invalid with every field's problem.
    """
    by.require("staff:train")
    now = clock.now()
    async with db.transaction() as tx:
        if await store.trained_before(tx, made):
            return
        problems = Problems()
        if await reads.role_here(tx, staff_id) is None:
            problems.refuse("/staff_id", "Choose somebody who works here.")
        today = shop_date(now)
        if held_on is None or not today - HELD_WITHIN <= held_on <= today:
            problems.refuse("/held_on", "Enter the day of the training: today or before, within a year.")
        problems.raise_any()
        assert held_on is not None
        until = expires_at(held_on).astimezone(UTC)
        training_id = await store.train(tx, staff_id, held_on=held_on, expires_at=until, by=by.id, now=now, made=made)
        await audit.record(
            tx,
            "trained",
            by=audit.by_staff(by.id),
            subject=("staff", staff_id),
            now=now,
            detail={"training": training_id, "held_on": held_on.isoformat()},
        )
