"""Add to one's complaint, or say that it is not resolved: that opens a case with thirty days of its own (C12, C13)."""

from datetime import datetime
from uuid import UUID

from kalecart.clock import Clock
from kalecart.complaints import reads, store
from kalecart.complaints.append import append_text
from kalecart.complaints.complaint import (
    ADDITIONS_MAX,
    TEXT_BYTES_MAX,
    Channel,
    Complaint,
    ComplaintMovedOn,
    Written,
)
from kalecart.complaints.lodge import Arrived, Lodged, Person, lodge
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Exhausted, Invalid, NotFound
from kalecart.ids import ComplaintId
from kalecart.vault import Vault


async def add_to(
    complaint_id: ComplaintId, text: str, *, db: Database, vault: Vault, clock: Clock, made: UUID | None = None
) -> None:
    """Once for the same `made`. The caller has shown that it is theirs. Raises NotFound, and Invalid at `/text`."""
    if not text.strip():
        raise Invalid({"/text": "Write what you want to add."})
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise Invalid({"/text": f"It may have up to {TEXT_BYTES_MAX // 1000} kB. Add the rest after it."})
    now = clock.now()
    async with db.transaction() as tx:
        case = _mine(await store.lock(tx, complaint_id))
        if await store.made_already(tx, made):
            return
        if await reads.additions(tx, case.id) >= ADDITIONS_MAX:
            raise Exhausted(f"{ADDITIONS_MAX} additions are kept with one complaint. Send a second complaint.")
        await append_text(tx, case, text, made=made, vault=vault, now=now)


async def not_resolved(
    complaint_id: ComplaintId, written: Written, *, db: Database, vault: Vault, clock: Clock
) -> Lodged:
    """A new case that continues an answered one. Raises NotFound, and ComplaintMovedOn where it is open, or continued
    already."""
    now = clock.now()
    try:
        async with db.transaction() as tx:
            case = _mine(await store.lock(tx, complaint_id))
            if case.open:
                raise ComplaintMovedOn("It is not answered yet: add to it instead.")
            person = Person(
                customer_id=case.customer_id, correspondent_id=case.correspondent_id, on_paper=case.on_paper
            )
            postal = await reads.postal_of(tx, case, vault) if case.on_paper else ""
            arrived = _again(case, postal, now)
            return await lodge(tx, written, person, arrived, vault=vault, now=now)
    except ConstraintBroken as error:
        if error.constraint != "complaint_continued_once":
            raise
        raise ComplaintMovedOn("You said so before: that case is under way.") from None


def _again(case: Complaint, postal: str, now: datetime) -> Arrived:
    return Arrived(
        channel=Channel.WEB,
        received_at=now,
        about_manager=case.against is not None,
        previous_id=case.id,
        postal=postal,
    )


def _mine(case: Complaint | None) -> Complaint:
    if case is None:
        raise NotFound("There is no such complaint.")
    return case
