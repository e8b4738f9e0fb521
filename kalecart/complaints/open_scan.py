"""Open the scan of a letter as staff: like any look into a complaint, allowed by the role and on record (C8, E84)."""

import base64
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from kalecart.clock import Clock
from kalecart.complaints import reads
from kalecart.complaints.hand_on import on_record, refuse_whom_it_is_about
from kalecart.database import Database
from kalecart.ids import ComplaintId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

# How the files that are scanned begin. Whatever it is, nobody is told that it is a page or a program.
_BEGINS: Final = ((b"%PDF-", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"))


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A file as it was handed in, under a name of ours."""

    name: str
    content: bytes = field(repr=False)


async def open_scan(
    complaint_id: ComplaintId, scan_id: UUID, *, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Scan:
    """Raises RoleForbids, NotDesignated, AboutYou and NotFound."""
    by.require("complaints:read")
    async with db.transaction() as tx:
        await staff.require_designated(tx, by, Scope.COMPLAINTS, now=clock.now())
        case = await reads.find(tx, complaint_id)
        refuse_whom_it_is_about(case, by)
        content = base64.b64decode(await reads.scan(tx, case, scan_id, vault))
        await on_record(tx, "complaint_scan_opened", case, by, now=clock.now())
    ending = next((name for begins, name in _BEGINS if content.startswith(begins)), "bin")
    return Scan(name=f"complaint-{case.number}.{ending}", content=content)
