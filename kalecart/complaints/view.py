"""Look into a complaint as staff: allowed by the role, never for whom it is about, and on record (C8, E84)."""

from kalecart.clock import Clock
from kalecart.complaints import reads
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.hand_on import on_record
from kalecart.complaints.reads import Opened
from kalecart.database import Database
from kalecart.ids import ComplaintId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault


async def view(
    complaint_id: ComplaintId, *, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> tuple[Complaint, Opened | None]:
    """The complaint, and what is in it, opened in the transaction that records who looked; None for whom it is about.

    Raises RoleForbids, NotDesignated and NotFound.
    """
    by.require("complaints:read")
    async with db.transaction() as tx:
        await staff.require_designated(tx, by, Scope.COMPLAINTS, now=clock.now())
        case = await reads.find(tx, complaint_id)
        if case.against == by.id:
            return case, None
        opened = await reads.opened(tx, case, vault)
        await on_record(tx, "complaint_viewed", case, by, now=clock.now())
    return case, opened
