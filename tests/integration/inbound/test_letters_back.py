"""Letters that come back: a real report, read by the process that reads the mailbox with the rights it has (E86)."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from kalecart.complaints import reads
from kalecart.complaints.complaint import Standing
from kalecart.customers.correction import CheckWhy
from kalecart.customers.reads import open_checks
from kalecart.errors import NotYet
from kalecart.ids import new_id
from kalecart.mail.tables import mail
from kalecart.mail_kinds import MailKind
from kalecart.privacy.erase import erase_person
from kalecart.privacy.subject import Person
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.complaining import a_member, answers, case_of, complains
from tests.inbound_letters import a_report
from tests.integration.inbound.conftest import Counter
from tests.people import EMAIL


async def letter_of(counter: Counter, kind: MailKind) -> UUID:
    async with counter.door.db.snapshot() as tx:
        found = await tx.scalar(sa.select(mail.c.id).where(mail.c.kind == kind, mail.c.sent_at.is_not(None)))
    assert found is not None
    return found


async def returned(counter: Counter) -> list[tuple[str, str | None]]:
    async with counter.door.db.snapshot() as tx:
        rows = await tx.execute(sa.select(mail.c.kind, mail.c.return_code).where(mail.c.returned_at.is_not(None)))
        return [(row.kind, row.return_code) for row in rows]


async def test_an_answer_that_bounces_is_no_answer_and_the_clock_is_unchanged(counter: Counter, vault: Vault) -> None:
    door = counter.door
    case = (await complains(door)).complaint
    member = await a_member(door, Role.MANAGER)
    door.clock.advance(days=29)
    await answers(door, case, member)
    await counter.sends_all()
    assert (await case_of(door, case)).standing(door.clock.now()) is Standing.ANSWERED

    await counter.gets(a_report(await letter_of(counter, MailKind.COMPLAINT_ANSWERED)))

    now = await case_of(door, case)
    assert (now.open, now.due_at) == (True, case.due_at)
    assert now.standing(door.clock.now()) is Standing.NEAR
    assert await counter.alerts() == {"mail_returned", "complaint_unreached"}
    assert await returned(counter) == [("complaint_answered", "5.1.1")]
    assert counter.left() == []
    async with door.db.snapshot() as tx:
        assert [answer.bounced_at for answer in (await reads.opened(tx, now, vault)).answers] == [door.clock.now()]

    door.clock.advance(days=3)
    assert (await case_of(door, case)).standing(door.clock.now()) is Standing.BREACHED
    await answers(door, case, member, posted_at=door.clock.now())
    assert not (await case_of(door, case)).open
    assert "complaint_unreached" not in await counter.alerts()


async def test_a_report_that_is_read_twice_or_comes_twice_counts_once(counter: Counter) -> None:
    case = (await complains(counter.door)).complaint
    await counter.sends_all()
    report = a_report(await letter_of(counter, MailKind.COMPLAINT_RECEIVED))

    await counter.gets(report)
    await counter.gets(report, "2")
    await counter.gets(report.replace(b"from mx.shop", b"from other.shop"), "3")

    assert await counter.outcomes() == ["came_back"]
    assert (await case_of(counter.door, case)).open
    assert counter.left() == []


@pytest.mark.parametrize(
    "forged",
    [{"to": "somebody@else.example"}, {"domain": "evil.example"}, {"letter": str(new_id())}],
    ids=["another recipient", "another domain", "a letter we never wrote"],
)
async def test_a_forged_bounce_does_not_take_an_answer_back(counter: Counter, forged: dict[str, str]) -> None:
    case = (await complains(counter.door)).complaint
    await answers(counter.door, case, await a_member(counter.door, Role.MANAGER))
    await counter.sends_all()
    letter = await letter_of(counter, MailKind.COMPLAINT_ANSWERED)

    await counter.gets(a_report(forged.pop("letter", letter), **forged))

    assert not (await case_of(counter.door, case)).open
    assert await returned(counter) == []
    assert await counter.alerts() == {"mail_unread"}
    assert counter.left() == ["unread/1.eml"]


async def test_a_report_long_after_or_without_a_verdict_is_for_a_person_to_read(counter: Counter) -> None:
    """Whoever got an answer knows its number for ever."""
    case = (await complains(counter.door)).complaint
    await answers(counter.door, case, await a_member(counter.door, Role.MANAGER))
    await counter.sends_all()
    letter = await letter_of(counter, MailKind.COMPLAINT_ANSWERED)

    await counter.gets(a_report(letter, action="unclear", status="unclear"))
    counter.door.clock.advance(days=31)
    await counter.gets(a_report(letter), "2")

    assert not (await case_of(counter.door, case)).open
    assert await counter.outcomes() == ["aside", "aside"]
    assert counter.left() == ["unread/1.eml", "unread/2.eml"]


async def test_of_whoever_was_erased_meanwhile_an_answer_that_comes_back_opens_nothing(counter: Counter) -> None:
    """Nobody could answer it any more."""
    door = counter.door
    customer = (await door.signs_up()).customer_id
    case = (await complains(door, customer_id=customer)).complaint
    await answers(door, case, await a_member(door, Role.MANAGER))
    await counter.sends_all()
    letter = await letter_of(counter, MailKind.COMPLAINT_ANSWERED)
    door.clock.advance(days=8)
    with suppress(NotYet):
        await erase_person(Person.customer(customer), None, db=counter.reader, clock=door.clock)
    door.clock.advance(hours=2)
    assert await erase_person(Person.customer(customer), None, db=counter.reader, clock=door.clock)

    await counter.gets(a_report(letter, to=EMAIL))

    assert await returned(counter) == [("complaint_answered", "5.1.1")]
    assert not (await case_of(door, case)).open
    assert "complaint_unreached" not in await counter.alerts()


async def test_a_letter_that_is_only_late_has_not_come_back(counter: Counter) -> None:
    case = (await complains(counter.door)).complaint
    await answers(counter.door, case, await a_member(counter.door, Role.MANAGER))
    await counter.sends_all()
    letter = await letter_of(counter, MailKind.COMPLAINT_ANSWERED)

    await counter.gets(a_report(letter, action="delayed", status="4.4.1"))

    assert not (await case_of(counter.door, case)).open
    assert (await counter.alerts(), await counter.outcomes()) == (set(), ["late"])

    await counter.gets(a_report(letter, status="4.4.7"), "2")
    assert (await case_of(counter.door, case)).open


async def test_a_customer_whose_letter_came_back_is_asked_whether_their_address_is_right(counter: Counter) -> None:
    door = counter.door
    customer = (await door.signs_up()).customer_id
    await complains(door, customer_id=customer)
    await counter.sends_all()

    await counter.gets(a_report(await letter_of(counter, MailKind.COMPLAINT_RECEIVED), to=EMAIL.upper()))

    async with door.db.snapshot() as tx:
        assert CheckWhy.MAIL_FAILED in await open_checks(tx, customer)


async def test_a_report_while_the_letter_is_being_handed_over_waits(counter: Counter) -> None:
    case = (await complains(counter.door)).complaint
    await answers(counter.door, case, await a_member(counter.door, Role.MANAGER))
    await counter.sends_all()
    letter = await letter_of(counter, MailKind.COMPLAINT_ANSWERED)
    async with counter.door.db.transaction() as tx:
        await tx.execute(sa.update(mail).where(mail.c.id == letter).values(state="sending", sent_at=None))

    await counter.gets(a_report(letter))
    assert (counter.left(), await returned(counter)) == (["1.eml"], [])

    async with counter.door.db.transaction() as tx:
        again = {"state": "sent", "sent_at": counter.door.clock.now() - timedelta(minutes=1)}
        await tx.execute(sa.update(mail).where(mail.c.id == letter).values(**again))
    await counter.reads()
    assert (await case_of(counter.door, case)).open
