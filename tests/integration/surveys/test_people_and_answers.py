"""Answers as their person sees them: in the package, gone with the erasure, and in no letter (C6, C10, E72)."""

import json

import pytest
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.errors import NotFound, NotYet
from kalecart.ids import CustomerId, new_id
from kalecart.mail.compose import compose
from kalecart.mail.letter import Letter
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.privacy.erase import erase_person
from kalecart.privacy.reads_person import count_rows, parts_of
from kalecart.privacy.subject import Person
from kalecart.vault import key_of
from tests.integration.surveys.conftest import Asking


@pytest.fixture
def privacy(as_privacy: Database) -> Database:
    return as_privacy


async def _package(asking: Asking, privacy: Database, person: CustomerId) -> dict[str, list[dict[str, object]]]:
    async with privacy.snapshot() as tx:
        keys = {Person.customer(person): await key_of(tx, person, asking.vault)}
        counts = await count_rows(tx, list(keys))
        return {part.table: list(part.records) async for part in parts_of(tx, keys, counts)}


async def test_a_package_says_what_was_asked_and_answered_and_nothing_of_anybody_else(
    asking: Asking, privacy: Database
) -> None:
    await asking.open()
    mine, other = await asking.person(), await asking.person()
    await asking.answer(mine, "Daily", "zephyrine beans", "yes")
    await asking.answer(other, "Hardly ever", "quillonette leeks")

    found = await _package(asking, privacy, mine)

    answers = {row["asked"]: row["value"] for row in found["survey_answer"]}
    assert list(answers) == [question.words for question in (await asking.survey()).questions]
    assert answers["How often do you cook?"] == "Daily"
    assert answers["Were you ever short of money for food?"] in {"yes", "no"}
    assert [row["period"] for row in found["pseudonym"]] == [f"survey:{asking.survey_id}"]
    assert "quillonette" not in str(found)


async def test_an_erased_person_leaves_no_answer_not_even_a_late_one_and_others_keep_theirs(
    asking: Asking, privacy: Database
) -> None:
    await asking.open()
    mine, other = await asking.person(), await asking.person()
    for person in (mine, other):
        await asking.answer(person, "Daily")
    reminded = await asking.person()
    asking.clock.advance(days=8)
    await asking.tend()

    for person in (mine, reminded):
        with pytest.raises(NotYet):
            await erase_person(Person.customer(person), None, db=privacy, clock=asking.clock)
    asking.clock.advance(hours=2)
    for person in (mine, reminded):
        await erase_person(Person.customer(person), None, db=privacy, clock=asking.clock)

    for late in (asking.answer(mine, "Daily"), asking.skip(mine)):
        with pytest.raises(NotFound):
            await late

    assert await asking.kept(other) == ["Daily"]
    async with asking.db.snapshot() as tx:
        left = sa.text("""
            SELECT (SELECT count(*) FROM survey_answer), (SELECT count(*) FROM pseudonym),
                   (SELECT count(*) FROM survey_reminder)
        """)
        assert tuple((await tx.execute(left)).one()) == (1, 1, 0)


async def test_people_are_reminded_in_the_order_in_which_they_came_wherever_their_rows_lie(asking: Asking) -> None:
    await asking.open()
    people = [await asking.person() for _ in range(3)]
    for person in reversed(people):  # a row that is changed moves to the end of its table
        async with asking.db.transaction() as tx:
            moved = sa.text("UPDATE customer SET signed_up_at = signed_up_at WHERE id = CAST(:person AS uuid)")
            await tx.execute(moved, {"person": person})
    asking.clock.advance(days=7)
    await asking.tend()

    async with asking.db.snapshot() as tx:
        reminded = await tx.scalars(sa.text("SELECT customer_id FROM survey_reminder ORDER BY id"))

    assert list(reminded) == people


async def test_somebody_who_is_being_erased_is_not_reminded_while_a_hold_keeps_their_address(
    asking: Asking, privacy: Database
) -> None:
    """E48, E70: what was promised before they asked is not sent either."""
    await asking.open()
    early, late = await asking.person(), await asking.person()
    hold = sa.text("""
        INSERT INTO legal_hold (id, customer_id, ground, placed_by, placed_at, review_at)
        SELECT gen_random_uuid(), id, 'case-7', :by, now(), now() FROM customer
    """)
    async with asking.db.transaction() as tx:
        await tx.execute(hold, {"by": asking.composer.id})

    with pytest.raises(NotYet):
        await erase_person(Person.customer(early), None, db=privacy, clock=asking.clock)
    asking.clock.advance(days=7)
    assert not await erase_person(Person.customer(early), None, db=privacy, clock=asking.clock)

    await asking.tend()
    assert await asking.letters() == 1, "the other one is"
    assert await _letter(asking) is not None
    with pytest.raises(NotYet):
        await erase_person(Person.customer(late), None, db=privacy, clock=asking.clock)
    assert await _letter(asking) is None


async def test_nothing_that_was_answered_is_in_a_task_in_the_trail_or_in_an_alert(asking: Asking) -> None:
    """E72."""
    await asking.open()
    person = await asking.person()
    await asking.answer(person, "Daily", "zephyrine beans", "yes")
    asking.clock.advance(days=14)
    await asking.tend()

    async with asking.db.snapshot() as tx:
        for table in ("task", "audit_entry", "alert", "mail"):
            rows = (await tx.execute(sa.text(f"SELECT {table}::text FROM {table}"))).scalars().all()
            assert "zephyrine" not in str(rows), table
            assert "Daily" not in str(rows), table
        acts = await tx.execute(sa.text("SELECT detail FROM audit_entry WHERE subject_kind = 'survey' ORDER BY id"))
        assert [json.dumps(row.detail) for row in acts] == ['{"questions": 3}', "{}", "{}"]


async def _letter(asking: Asking) -> Letter | None:
    """The only reminder, as whoever sends mail writes it."""
    async with asking.worker.snapshot() as tx:
        row = (await tx.execute(sa.text("SELECT id, customer_id FROM survey_reminder"))).one()
        message = Message(
            id=new_id(),
            kind=MailKind.SURVEY_REMINDER,
            subject_id=row.id,
            occasion="",
            customer_id=row.customer_id,
            staff_id=None,
            correspondent_id=None,
            order_id=None,
            state=MailState.WAITING,
            attempts=0,
            due_at=asking.clock.now(),
        )
        return await compose(tx, message, vault=asking.vault, public_url="https://shop.example", now=asking.clock.now())


async def test_the_reminder_says_that_nothing_follows_and_is_not_sent_to_who_answered_or_withdrew_since(
    asking: Asking,
) -> None:
    """E48."""
    await asking.open()
    person = await asking.person()
    asking.clock.advance(days=7)
    await asking.tend()

    letter = await _letter(asking)
    assert letter is not None
    assert "How you cook" in letter.text
    assert "until November 15, 2026" in letter.text
    assert "Nothing changes for you either way, and this is the only time" in letter.text
    assert "https://shop.example/account/surveys" in letter.html
    await asking.answer(person, "Daily")
    assert await _letter(asking) is None
    await asking.decide(person, given=False)
    assert await _letter(asking) is None
    await asking.decide(person, given=True)
    assert await _letter(asking) is not None
    asking.clock.advance(days=7)
    assert await _letter(asking) is None
