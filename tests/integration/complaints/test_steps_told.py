"""What staff are told of steps of escalation: one letter to each, of everything that happened at once (C13)."""

from collections.abc import Sequence

import pytest_asyncio
import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint
from kalecart.complaints.hand_on import hand_on
from kalecart.complaints.reads_told import NAMED_MAX
from kalecart.database import Database
from kalecart.ids import new_id
from kalecart.mail.compose import compose
from kalecart.mail.letter import Letter
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from tests.complaining import a_member, answers, complains, on_paper, watches
from tests.people import Door


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


@pytest_asyncio.fixture
async def admin(door: Door) -> StaffMember:
    return await a_member(door, Role.PRIVACY)


async def lodged(door: Door, many: int) -> list[Complaint]:
    return [(await complains(door, email=f"p{number}@example.org")).complaint for number in range(many)]


async def letters_of(door: Door, who: StaffMember, db: Database) -> Sequence[Letter | None]:
    """As the worker writes them now, each that was promised to this person; None is a letter with nothing to say."""
    now = door.clock.now()
    async with db.snapshot() as tx:
        mine = task.c.arguments["subject"].astext == str(who.id)
        promised = await tx.scalars(sa.select(task.c.arguments["occasion"].astext).where(mine).order_by(task.c.id))
        facts = {"customer_id": None, "staff_id": who.id, "correspondent_id": None, "order_id": None, "attempts": 0}
        messages = [
            Message(
                id=new_id(),
                kind=MailKind.COMPLAINT_DUE,
                subject_id=who.id,
                occasion=occasion,
                state=MailState.WAITING,
                due_at=now,
                **facts,  # ty: ignore[invalid-argument-type]
            )
            for occasion in promised
        ]
        return [await compose(tx, each, vault=door.vault, public_url="http://shop", now=now) for each in messages]


async def test_whoever_is_told_of_several_complaints_at_once_gets_one_letter_that_names_them(
    door: Door, manager: StaffMember, admin: StaffMember, as_worker: Database
) -> None:
    cases = await lodged(door, 3)
    await hand_on(cases[0].id, manager.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=15)
    await watches(door)

    (to_handler,) = await letters_of(door, manager, as_worker)
    (to_administrator,) = await letters_of(door, admin, as_worker)

    assert to_handler is not None
    assert to_handler.subject == "A complaint waits for its answer"
    assert [case.number in to_handler.text for case in cases] == [True, False, False]
    assert to_administrator is not None
    assert to_administrator.subject == "2 complaints wait for their answers"
    for words in (to_administrator.text, to_administrator.html):
        assert [case.number in words for case in cases] == [False, True, True]


async def test_a_letter_says_how_many_are_late_and_names_no_more_than_anybody_reads(
    door: Door, manager: StaffMember, as_worker: Database
) -> None:
    early = await lodged(door, 2)
    door.clock.advance(days=3)
    later = [await on_paper(door, manager, received_at=door.clock.now()) for _ in range(NAMED_MAX)]
    door.clock.advance(days=28)
    await watches(door)

    (letter,) = await letters_of(door, manager, as_worker)

    assert letter is not None
    assert letter.subject == f"{NAMED_MAX + 2} complaints wait for their answers, and 2 of them are late"
    assert letter.text.count("had to be answered") == 2
    assert letter.text.count("has to be answered") == NAMED_MAX - 2
    assert all(case.number in letter.text for case in early)
    assert sum(case.number in letter.html for case in later) == NAMED_MAX - 2
    assert "There are 2 more." in letter.text
    assert "There are 2 more." in letter.html


async def test_what_is_answered_before_its_letter_is_written_is_not_named(
    door: Door, manager: StaffMember, as_worker: Database
) -> None:
    first, second = await lodged(door, 2)
    door.clock.advance(days=28)
    await watches(door)
    await answers(door, first, manager, posted_at=door.clock.now())

    (letter,) = await letters_of(door, manager, as_worker)
    await answers(door, second, manager, posted_at=door.clock.now())

    assert letter is not None
    assert [case.number in letter.text for case in (first, second)] == [False, True]
    assert await letters_of(door, manager, as_worker) == [None]


async def test_of_a_complaint_about_them_nobody_is_told_among_others(
    door: Door, manager: StaffMember, admin: StaffMember, as_worker: Database
) -> None:
    """E84."""
    (case,) = await lodged(door, 1)
    about_them = (await complains(door, about_manager=True)).complaint
    door.clock.advance(days=28)
    await watches(door)

    (to_manager,) = await letters_of(door, manager, as_worker)
    (to_administrator,) = await letters_of(door, admin, as_worker)

    assert to_manager is not None
    assert [each.number in to_manager.text for each in (case, about_them)] == [True, False]
    assert to_administrator is not None
    assert [each.number in to_administrator.text for each in (case, about_them)] == [False, True]
