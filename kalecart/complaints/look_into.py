"""Open a complaint to print a letter about it: as its role allows, never for whom it is about, on record (C8, E84)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

from kalecart.complaints import reads
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.hand_on import on_record, refuse_whom_it_is_about
from kalecart.database import Database, Tx
from kalecart.ids import ComplaintId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember


@asynccontextmanager
async def look_into(
    complaint_id: ComplaintId, act: str, by: StaffMember, *, db: Database, now: datetime
) -> AsyncGenerator[tuple[Tx, Complaint]]:
    """A transaction that ends with the line of the audit trail: what could not be printed was not looked at.

    Raises RoleForbids, NotDesignated, AboutYou and NotFound.
    """
    by.require("complaints:act")
    async with db.transaction() as tx:
        await staff.require_designated(tx, by, Scope.COMPLAINTS, now=now)
        case = await reads.find(tx, complaint_id)
        refuse_whom_it_is_about(case, by)
        yield tx, case
        await on_record(tx, act, case, by, now=now)
