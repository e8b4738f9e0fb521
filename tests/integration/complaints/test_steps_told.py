"""What staff are told of steps of escalation: one letter to each, of everything that happened at once (C13)."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint
from kalecart.complaints.hand_on import hand_on
from kalecart.complaints.reads_told import NAMED_MAX
from kalecart.complaints.watch import notice_complaints, watch_complaints
from kalecart.database import Database
from kalecart.ids import new_id
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.letter import Letter
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.staff.member import StaffMember
from kalecart.staff.tables import staff
from kalecart.tasks import promise, task
from tests.askers import Asker
from tests.complaining import answers, complains, letters_to, on_paper, watches
from tests.people import Door
from tests.planted import unpacked


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


@pytest.mark.parametrize(("more", "words"), [(1, "There is 1 more."), (2, "There are 2 more.")])
async def test_a_letter_says_how_many_are_late_and_names_no_more_than_anybody_reads(
    more: int, words: str, door: Door, manager: StaffMember, as_worker: Database
) -> None:
    early = await lodged(door, 2)
    door.clock.advance(days=3)
    later = [await on_paper(door, manager, received_at=door.clock.now()) for _ in range(NAMED_MAX - 2 + more)]
    door.clock.advance(days=28)
    await watches(door)

    (letter,) = await letters_of(door, manager, as_worker)

    assert letter is not None
    assert letter.subject == f"{NAMED_MAX + more} complaints wait for their answers, and 2 of them are late"
    assert letter.text.count("had to be answered") == 2
    assert letter.text.count("has to be answered") == NAMED_MAX - 2
    assert all(case.number in letter.text for case in early)
    assert sum(case.number in letter.html for case in later) == NAMED_MAX - 2
    assert words in letter.text
    assert words in letter.html


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


class Ticking:
    """A clock that nobody reads the same twice."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(microseconds=1)
        return self._now


async def test_what_is_taken_in_several_transactions_is_told_in_a_letter_for_each(
    door: Door, manager: StaffMember, as_worker: Database
) -> None:
    cases = await lodged(door, 5)
    clock = Ticking(door.clock.now() + timedelta(days=28))

    assert await watch_complaints(None, db=door.db, clock=clock, at_once=2) == len(cases)
    letters = await letters_of(door, manager, as_worker)

    assert [sum(case.number in letter.text for case in cases) for letter in letters if letter] == [2, 2, 1]
    assert all(any(letter and case.number in letter.text for letter in letters) for case in cases)


async def test_a_letter_that_was_promised_for_one_step_still_names_its_complaint(
    door: Door, manager: StaffMember, as_worker: Database
) -> None:
    """As before whoever is told got one letter of everything: while the mail server is away these wait for days."""
    case, _ = await lodged(door, 2)
    door.clock.advance(days=28)
    await watches(door)
    async with door.db.transaction() as tx:
        job = SendMail(kind=MailKind.COMPLAINT_DUE, subject=manager.id, occasion=f"{case.id}:day_28")
        await tx.execute(sa.delete(task))
        await promise(tx, job, now=door.clock.now())

    (letter,) = await letters_of(door, manager, as_worker)

    assert letter is not None
    assert letter.subject == "A complaint waits for its answer"
    assert case.number in letter.text


async def test_in_a_package_it_says_that_somebody_was_told_and_not_who(
    door: Door, manager: StaffMember, as_privacy: Database
) -> None:
    ana = Asker(door, (await door.signs_up()).customer_id)
    await complains(door, customer_id=ana.id)
    door.clock.advance(days=28)
    await watches(door)
    request = await ana.asks()
    await ana.works(request.id, as_privacy)

    files = await ana.gets(request.id)

    package = json.loads(files["package.json"])
    steps = next(part for part in package["parts"] if part["table"] == "complaint_step")
    assert "day_28" in {record["step"] for record in steps["records"]}
    assert any("Which members of our staff were told" in each["what"] for each in package["withheld"])
    assert not any(str(manager.id).encode() in text for content in files.values() for text in unpacked(content))


async def test_of_whoever_works_here_no_longer_the_manager_is_told_before_it_is_handed_back_as_well(
    door: Door, manager: StaffMember, admin: StaffMember
) -> None:
    """E85: the board looks too, and hands nothing back."""
    (case,) = await lodged(door, 1)
    await hand_on(case.id, admin.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=15)
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(staff).where(staff.c.id == admin.id).values(left_at=door.clock.now()))

    await notice_complaints(db=door.db, clock=door.clock)

    assert await letters_to(door, manager) == ["day_15"]
    assert await letters_to(door, admin) == []
