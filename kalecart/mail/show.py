"""Look at a letter as staff: what was written and to whom, for a stated purpose and on record (C8)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.complaints import reads as complaints
from kalecart.complaints.hand_on import refuse_whom_it_is_about
from kalecart.database import Database, Tx
from kalecart.ids import ComplaintId
from kalecart.mail import reads
from kalecart.mail.compose import compose
from kalecart.mail.letter import Letter
from kalecart.mail.message import Message
from kalecart.mail_kinds import MailKind
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.staff.view import record_view, required_purpose
from kalecart.vault import Vault

COMPLAINT_KINDS: Final = frozenset(kind for kind in MailKind if kind.startswith("complaint_"))


async def show_letter(
    message_id: UUID, *, purpose: str, by: StaffMember, db: Database, vault: Vault, clock: Clock, public_url: str
) -> Letter | None:
    """The letter as it would be sent now; None where events have overtaken it. The look is on record before.

    Raises RoleForbids, NotFound, and Invalid where no known purpose is stated; of a letter about a complaint also
    NotDesignated and AboutYou, as its page does.
    """
    by.require("customers:view")
    stated = required_purpose(purpose)
    async with db.snapshot() as tx:
        message = await reads.message(tx, message_id)
        if message.kind in COMPLAINT_KINDS:
            await _require_complaint(tx, message, by, now=clock.now())
    if message.customer_id is not None:
        await record_view(message.customer_id, purpose=purpose, by=by, db=db, vault=vault, clock=clock)
    else:
        async with db.transaction() as tx:
            subject, detail = ("mail", message_id), {"purpose": stated.value}
            await audit.record(
                tx, "letter_shown", by=audit.by_staff(by.id), subject=subject, now=clock.now(), detail=detail
            )
    async with db.snapshot() as tx:
        return await compose(tx, message, vault=vault, public_url=public_url, now=clock.now(), secrets=False)


async def _require_complaint(tx: Tx, message: Message, by: StaffMember, *, now: datetime) -> None:
    """The letter has in it what the complaint's page has, and whom it is about sees neither (E84)."""
    by.require("complaints:read")
    await staff.require_designated(tx, by, Scope.COMPLAINTS, now=now)
    if message.kind is MailKind.COMPLAINT_DUE:
        return  # numbers and dates, as on the board
    about = UUID(message.occasion.partition(":")[0])
    answered = message.kind is MailKind.COMPLAINT_ANSWERED
    case_id = await complaints.of_answer(tx, about) if answered else ComplaintId(about)
    if case_id is not None:
        refuse_whom_it_is_about(await complaints.find(tx, case_id), by)
