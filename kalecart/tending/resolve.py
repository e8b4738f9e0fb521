"""Say that what an alert told of is mended."""

from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.staff.member import StaffMember
from kalecart.tending import store


async def resolve_alert(alert_id: UUID, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Close an open alert; the same trouble may raise another. Raises RoleForbids, and NotFound where none is open."""
    by.require("alerts:resolve")
    now = clock.now()
    async with db.transaction() as tx:
        resolved = await store.resolve(tx, alert_id, now=now)
        if resolved is None:
            raise NotFound("There is no such alert, or it is resolved.")
        await audit.record(
            tx,
            "alert_resolved",
            by=audit.by_staff(by.id),
            subject=("alert", alert_id),
            now=now,
            detail={"kind": resolved.kind},
        )
