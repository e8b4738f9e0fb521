"""Letters about complaints in the outbox: who may open them, and what becomes of one whose reader has left (E84)."""

import pytest
import sqlalchemy as sa

from kalecart import tasks
from kalecart.complaints.hand_on import AboutYou
from kalecart.errors import NotYet
from kalecart.jobs import SendMail
from kalecart.mail.post import Postman
from kalecart.mail.send import send_mail
from kalecart.mail.show import show_letter
from kalecart.mail.smtp import SmtpPostman
from kalecart.mail.tables import mail
from kalecart.mail_kinds import MailKind
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.tables import staff
from tests.complaining import a_member, complains, watches
from tests.people import Door

NOBODY = SmtpPostman("smtp://127.0.0.1:1", sender="KaleCart <receipts@shop.example>")


async def worked(door: Door, postman: Postman | None) -> None:
    """Every letter that is due, once."""
    async with door.db.direct() as pg:
        due = await tasks.claim_due(pg, ["send_mail"], most=9, now=door.clock.now())
    for held in due:
        job = SendMail.parse(held.arguments)
        given = {"db": door.db, "vault": door.vault, "clock": door.clock, "public_url": "http://shop"}
        try:
            await send_mail(job, held, postman=postman, **given)
        except NotYet as later:
            async with door.db.transaction() as tx:
                await tasks.fail(tx, held, later, now=door.clock.now())


async def test_a_letter_about_a_complaint_is_opened_by_who_may_open_the_complaint_and_never_by_whom_it_is_about(
    door: Door, manager: StaffMember, admin: StaffMember
) -> None:
    await complains(door, about_manager=True)
    await worked(door, None)
    async with door.db.snapshot() as tx:
        message_id = await tx.scalar(sa.select(mail.c.id).where(mail.c.kind == MailKind.COMPLAINT_RECEIVED))
    packer = StaffMember(id=(await a_member(door, Role.ORDERS)).id, role=Role.ORDERS)
    given = {"db": door.db, "vault": door.vault, "clock": door.clock, "public_url": "http://shop"}

    with pytest.raises(AboutYou):
        await show_letter(message_id, purpose="question", by=manager, **given)
    with pytest.raises(RoleForbids):
        await show_letter(message_id, purpose="question", by=packer, **given)
    letter = await show_letter(message_id, purpose="question", by=admin, **given)

    assert letter is not None
    assert letter.to == "bea.quince@example.org"


async def test_a_letter_that_waits_for_the_mail_server_is_not_needed_once_its_reader_has_left(
    door: Door, manager: StaffMember, admin: StaffMember
) -> None:
    await complains(door)
    await worked(door, None)
    door.clock.advance(days=3)
    await watches(door)
    await worked(door, NOBODY)
    async with door.db.transaction() as tx:
        waiting = await tx.scalar(sa.select(mail.c.state).where(mail.c.staff_id == admin.id))
        await tx.execute(sa.update(staff).where(staff.c.id == admin.id).values(left_at=door.clock.now()))
    door.clock.advance(minutes=1)

    await worked(door, NOBODY)

    async with door.db.snapshot() as tx:
        then = await tx.scalar(sa.select(mail.c.state).where(mail.c.staff_id == admin.id))
    assert (waiting, then) == ("waiting", "unneeded")
