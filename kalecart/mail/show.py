"""Look at a letter as staff: what was written and to whom, for a stated purpose and on record (C8)."""

from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.mail import reads
from kalecart.mail.compose import compose
from kalecart.mail.letter import Letter
from kalecart.staff.member import StaffMember
from kalecart.staff.view import record_view, required_purpose
from kalecart.vault import Vault


async def show_letter(
    message_id: UUID, *, purpose: str, by: StaffMember, db: Database, vault: Vault, clock: Clock, public_url: str
) -> Letter | None:
    """The letter as it would be sent now; None where events have overtaken it. The look is on record before.

    Raises RoleForbids, NotFound, and Invalid where no known purpose is stated.
    """
    by.require("customers:view")
    stated = required_purpose(purpose)
    async with db.snapshot() as tx:
        message = await reads.message(tx, message_id)
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
