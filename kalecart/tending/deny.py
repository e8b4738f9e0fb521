"""Keep that somebody of the staff was refused what their role does not include."""

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right


async def record_denial(right: Right, *, of: StaffMember, where: str, db: Database, clock: Clock) -> None:
    """`where` is the route they tried, such as `/staff/queue/tasks/all`."""
    async with db.transaction() as tx:
        detail = {"role": of.role.value, "route": where}
        await audit.record(
            tx, "denied", by=audit.by_staff(of.id), subject=("right", right), now=clock.now(), detail=detail
        )
