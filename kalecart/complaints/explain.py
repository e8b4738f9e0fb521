"""Explain why an answer was late: a breach stays visible, and somebody says how it came about (C13)."""

from kalecart import tombstones
from kalecart.clock import Clock
from kalecart.complaints import store
from kalecart.complaints.complaint import PART_LENGTH_MAX, ComplaintMovedOn
from kalecart.complaints.hand_on import case_for, on_record
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember
from kalecart.vault import Place, Vault, key_of


async def explain(
    complaint_id: ComplaintId, words: str, *, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> None:
    """Once. Raises RoleForbids, NotDesignated, AboutYou, NotFound, ComplaintMovedOn where nothing was late, and
    Invalid."""
    by.require("complaints:act")
    if not words.strip() or len(words) > PART_LENGTH_MAX:
        raise Invalid({"/explanation": f"Say how it came about, in up to {PART_LENGTH_MAX:,} characters."})
    now = clock.now()
    async with db.transaction() as tx:
        case = await case_for(tx, complaint_id, by, now=now)
        if not case.late(now) or case.explained_at is not None:
            raise ComplaintMovedOn("It was not late, or that was explained before.")
        if await tombstones.is_erased(tx, case.person_id):
            raise ComplaintMovedOn("Whoever wrote it was erased: nobody can be told any more.")
        key = await key_of(tx, case.person_id, vault)
        sealed = key.seal(words.strip(), Place("complaint", "explanation_sealed", case.id))
        await store.change(tx, case.id, explanation_sealed=sealed, explained_at=now)
        await on_record(tx, "complaint_explained", case, by, now=now)
