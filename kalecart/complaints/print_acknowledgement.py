"""Print the acknowledgement for whoever has no e-mail address: what a letter by mail tells the others (C12, E83)."""

import asyncio
from collections.abc import Sequence

from kalecart.clock import Clock
from kalecart.complaints import reads
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.letter import CAME, Letter, Part, Printed, day, numbered, paragraph, write_to
from kalecart.complaints.look_into import look_into
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId
from kalecart.policy.contact import CONTACT
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault


async def print_acknowledgement(
    complaint_id: ComplaintId, *, public_url: str, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Printed:
    """A PDF. Whoever prints it opens the complaint, and is on record.

    Raises RoleForbids, NotDesignated, AboutYou, and NotFound where none is to be posted.
    """
    now = clock.now()
    async with look_into(complaint_id, "acknowledgement_printed", by, db=db, now=now) as (tx, case):
        letter = await _letter(tx, case, vault, public_url=public_url)
    return await asyncio.to_thread(letter.printed, now)


async def _letter(tx: Tx, case: Complaint, vault: Vault, *, public_url: str) -> Letter:
    opened = await reads.opened(tx, case, vault)
    if not case.to_post or opened.erased:
        raise NotFound("No acknowledgement of it waits to be printed.")
    came = f"Your complaint reached us {CAME[case.channel]} on {day(case.received_at)}."
    if case.previous_id is not None:
        came += f" It continues your complaint {(await reads.find(tx, case.previous_id)).number}."
    if opened.text:
        came += " The whole of what you wrote is kept with it."
    named = [paragraph("These are the concerns you named:"), numbered(opened.concerns)] if opened.concerns else []
    return Letter(
        case=case,
        what="acknowledgement",
        title=f"We have your complaint {case.number}",
        name=await reads.name_of(tx, case, vault),
        postal=opened.postal,
        parts=[paragraph(came), *named, *_goes_on(case, await reads.code_of(tx, case, vault), public_url)],
    )


def _goes_on(case: Complaint, code: str, public_url: str) -> Sequence[Part]:
    whoever = (
        "Somebody whom it is not about looks into it."
        if case.against
        else f"{CONTACT.person} is responsible for how we handle personal information, and for the answer."
    )
    specifics = (
        "You did not name a specific concern. Please tell us what happened, when, and what you would like us to do. "
        "We are working on it already, and the date stays."
    )
    write = f"To add something, or to ask, write to {write_to(case)}, and give the number {case.number}."
    look = (
        f"You can also see how far it is at {public_url}/complaints/look with the number {case.number} and the code "
        f"{code}. Whoever has both can see that too: keep this letter."
    )
    return [
        paragraph(f"We look into it and answer you, on paper, by the end of {day(case.last_day)}. {whoever}"),
        *([paragraph(specifics)] if case.specifics_asked_at else ()),
        paragraph(write),
        paragraph(look),
    ]
