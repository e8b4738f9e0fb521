"""Say that the acknowledgement on paper was posted, and when: whoever has no e-mail address hears of it so (C12)."""

from datetime import datetime

from kalecart.alerts import close_alerts
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.complaint import ComplaintMovedOn
from kalecart.complaints.hand_on import case_for, on_record
from kalecart.complaints.posted import posted_at as checked
from kalecart.database import Database
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember


async def acknowledge(
    complaint_id: ComplaintId, *, posted_at: datetime | None, by: StaffMember, db: Database, clock: Clock
) -> None:
    """Once. `posted_at` lies on a day from its receipt until today.

    Raises RoleForbids, NotDesignated, AboutYou, NotFound, ComplaintMovedOn where none is to be posted (any more), and
    Invalid at `/posted_at`.
    """
    by.require("complaints:act")
    now = clock.now()
    async with db.transaction() as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        if not case.to_post:
            raise ComplaintMovedOn("No acknowledgement of it waits to be posted.")
        posted_at = checked(posted_at, since=case.received_at, now=now)
        # What the letter asks for is asked once it is on its way.
        asked = posted_at if case.specifics_asked_at else None
        acknowledged = {"acknowledged_at": posted_at, "acknowledged_by": by.id}
        await store.change(tx, case.id, specifics_asked_at=asked, **acknowledged)
        await close_alerts(tx, "acknowledgement_unposted", [str(case.id)], now=now)
        await on_record(tx, "complaint_acknowledged", case, by, now=now)
