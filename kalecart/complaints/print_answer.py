"""Print an answer that goes by post: what was found, the steps, and what the person may do then (C13)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from kalecart.clock import Clock
from kalecart.complaints import reads
from kalecart.complaints.complaint import Complaint
from kalecart.complaints.letter import (
    CAME,
    Letter,
    Part,
    Printed,
    day,
    heading,
    numbered,
    paragraph,
    section,
    write_to,
)
from kalecart.complaints.look_into import look_into
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

# With what reaches them from paper: whoever reads this letter may have nothing else.
_REMEDIES: Final = (
    "You may also turn to the California Privacy Protection Agency (telephone 916-572-2900, cppa.ca.gov) or to the "
    "Attorney General of California, Public Inquiry Unit (P.O. Box 944255, Sacramento, CA 94244-2550, telephone "
    "800-952-5225, oag.ca.gov/contact), and you may go to court."
)


async def print_answer(
    complaint_id: ComplaintId, *, public_url: str, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Printed:
    """A PDF of the answer that waits to be posted. Whoever prints it opens the complaint, and is on record.

    Raises RoleForbids, NotDesignated, AboutYou, and NotFound where none waits.
    """
    now = clock.now()
    async with look_into(complaint_id, "answer_printed", by, db=db, now=now) as (tx, case):
        letter = await _letter(tx, case, vault, public_url=public_url, now=now)
    return await asyncio.to_thread(letter.printed, now)


async def _letter(tx: Tx, case: Complaint, vault: Vault, *, public_url: str, now: datetime) -> Letter:
    opened = await reads.opened(tx, case, vault)
    answer = opened.to_post
    if answer is None:
        raise NotFound("No answer to it waits to be printed.")
    came = f"Your complaint reached us {CAME[case.channel]} on {day(case.received_at)}. This is our answer."
    named = [paragraph("These are the concerns you named:"), numbered(opened.concerns)] if opened.concerns else []
    return Letter(
        case=case,
        what="answer",
        title=f"Our answer to your complaint {case.number}",
        name=await reads.name_of(tx, case, vault),
        postal=opened.postal,
        parts=[
            paragraph(came),
            *named,
            *section("What we found", answer.findings),
            *section("The steps we take", answer.steps),
            *(_late(case, opened.explanation) if case.late(now) else ()),
            *_further(case, await reads.code_of(tx, case, vault), public_url),
        ],
    )


def _late(case: Complaint, explanation: str) -> Sequence[Part]:
    owned = (
        f"You were to have it by the end of {day(case.last_day)}. That we did not keep to that is our fault, and it "
        "stays on record."
    )
    return [heading("This answer is late"), paragraph(owned), *map(paragraph, explanation.splitlines())]


def _further(case: Complaint, code: str, public_url: str) -> Sequence[Part]:
    again = (
        f"Write to {write_to(case)}, give the number {case.number}, and say what is still wrong. We open a new case, "
        "which continues this one and is answered within thirty days of its own. You can do the same at "
        f"{public_url}/complaints/look with the number and the code {code}."
    )
    return [heading("If this does not resolve it"), paragraph(again), paragraph(_REMEDIES)]
