"""Print why an answer was late for whoever got it by post before that was written down (C13)."""

import asyncio
from typing import Final

from kalecart.clock import Clock
from kalecart.complaints import reads
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.letter import Letter, Printed, day, paragraph, write_to
from kalecart.complaints.look_into import look_into
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

PRINTED: Final = "explanation_printed"


async def print_explanation(
    complaint_id: ComplaintId, *, public_url: str, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Printed:
    """A PDF. Whoever prints it opens the complaint, and is on record.

    Raises RoleForbids, NotDesignated, AboutYou, and NotFound where its answer says it, or went by e-mail.
    """
    now = clock.now()
    async with look_into(complaint_id, PRINTED, by, db=db, now=now) as (tx, case):
        letter = await _letter(tx, case, vault, public_url=public_url)
    return await asyncio.to_thread(letter.printed, now)


async def _letter(tx: Tx, case: Complaint, vault: Vault, *, public_url: str) -> Letter:
    opened = await reads.opened(tx, case, vault)
    answer = opened.unexplained
    if answer is None or answer.sent_at is None:
        raise NotFound("No explanation of its lateness waits to be printed.")
    owned = (
        f"Your complaint reached us on {day(case.received_at)}, and you were to have our answer by the end of "
        f"{day(case.last_day)}. We posted it on {day(answer.sent_at)}. That is our fault, and it stays on record. This "
        "is how it came about:"
    )
    again = (
        f"If our answer does not resolve it, write to {write_to(case)}, give the number {case.number}, and say what is "
        f"still wrong. You can do the same at {public_url}/complaints/look with the number and the code "
        f"{await reads.code_of(tx, case, vault)}."
    )
    return Letter(
        case=case,
        what="explanation",
        title=f"Why our answer to your complaint {case.number} was late",
        name=await reads.name_of(tx, case, vault),
        postal=opened.postal,
        parts=[
            paragraph(owned),
            *(paragraph(line) for line in opened.explanation.splitlines() if line.strip()),
            paragraph(again),
        ],
    )
