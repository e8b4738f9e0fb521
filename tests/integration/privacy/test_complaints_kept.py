"""How long complaints are kept, what an erasure leaves of them, and what their person is shown (C10, C13)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from kalecart.complaints import reads
from kalecart.complaints.add_to import add_to, not_resolved
from kalecart.complaints.answer import OnPaper
from kalecart.complaints.complaint import Complaint, ComplaintMovedOn, Standing, Written
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.explain import explain
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.complaints.reads import Opened
from kalecart.database import Database
from kalecart.errors import NotYet
from kalecart.ids import CorrespondentId
from kalecart.privacy.erase import erase_person
from kalecart.privacy.hold import HoldKind
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.place_hold import place_hold
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.reads_sealed import sealed_values
from kalecart.privacy.retention import ON_RECORD
from kalecart.privacy.store_retention import overdue
from kalecart.privacy.subject import Person
from kalecart.staff.rights import Role
from kalecart.vault import key_of
from tests.askers import Asker
from tests.clock import START
from tests.complaining import (
    WRITTEN,
    a_member,
    answers,
    case_of,
    complains,
    letter_came_back,
    letter_went_out,
    on_paper,
)
from tests.people import Door

PAPER = Paper(
    channel="post",
    received_at=START - timedelta(days=6),
    written=WRITTEN,
    name="Bea Quince",
    postal="1 Main St., Los Angeles",
    scan=b"%PDF-1.7",
)


async def erases(door: Door, as_privacy: Database, person: Person) -> bool:
    """As the worker does it; the letter is waited for long enough."""
    try:
        return await erase_person(person, None, db=as_privacy, clock=door.clock)
    except NotYet:
        door.clock.advance(hours=2)
        return await erase_person(person, None, db=as_privacy, clock=door.clock)


async def opened(door: Door, case: Complaint) -> Opened:
    async with door.db.snapshot() as tx:
        return await reads.opened(tx, await reads.find(tx, case.id), door.vault)


async def waits(door: Door, person_id: UUID) -> list[tuple[HoldKind, bool]]:
    """What an erasure waits for, and whether it says until when."""
    async with door.db.snapshot() as tx:
        view = await erasure_of(tx, person_id)
    assert view is not None
    return [(hold.kind, hold.until is not None) for hold in view.held]


async def test_of_somebody_who_is_erased_what_their_open_complaint_needs_is_kept_until_the_answer_reached_them(
    door: Door, as_privacy: Database
) -> None:
    manager = await a_member(door, Role.MANAGER)
    ana = (await door.signs_up()).customer_id
    answered = (await complains(door, customer_id=ana)).complaint
    await answers(door, answered, manager, posted_at=door.clock.now())
    door.clock.advance(days=22)
    case = (await complains(door, customer_id=ana)).complaint

    assert await erases(door, as_privacy, Person.customer(ana)) is False
    assert await waits(door, ana) == [(HoldKind.OPEN_COMPLAINT, True)]
    kept, gone = await opened(door, case), await opened(door, answered)
    assert (list(kept.concerns), list(gone.concerns)) == (list(WRITTEN.concerns), [""])
    async with door.db.snapshot() as tx:
        row = (await tx.execute(sa.text("SELECT name_sealed, email_sealed, phone_sealed FROM customer"))).one()
    assert [bool(value) for value in row] == [True, True, False]

    await answers(door, case, manager)
    await letter_went_out(door, case)
    assert await erases(door, as_privacy, Person.customer(ana)) is False
    await letter_came_back(door, case)
    door.clock.advance(days=8)
    assert await erases(door, as_privacy, Person.customer(ana)) is False
    await answers(door, case, manager)
    await letter_went_out(door, case)
    door.clock.advance(days=8)

    assert await erases(door, as_privacy, Person.customer(ana)) is True
    assert await waits(door, ana) == []
    left = await opened(door, case)
    assert (left.erased, list(left.concerns), left.text) == (True, [""], "")
    assert left.complaint.standing(door.clock.now()) is Standing.ANSWERED


async def test_an_answer_on_paper_may_come_back_for_weeks_and_of_whoever_is_erased_by_then_it_does_not(
    door: Door, as_privacy: Database
) -> None:
    """E63, E86: what nobody can answer any more is never open again."""
    manager = await a_member(door, Role.MANAGER)
    given: dict[str, Any] = {"by": manager, "db": door.db, "clock": door.clock}
    case = await on_paper(door, manager)
    door.clock.advance(days=31)
    await answers(door, case, manager, on_paper=OnPaper())
    await post_answer(case.id, posted_at=door.clock.now(), **given)
    bea = Person.correspondent(CorrespondentId(case.person_id))
    door.clock.advance(days=20)

    assert await erases(door, as_privacy, bea) is False
    assert await waits(door, bea.id) == [(HoldKind.OPEN_COMPLAINT, True)]
    door.clock.advance(days=1)
    assert await erases(door, as_privacy, bea) is True
    with pytest.raises(ComplaintMovedOn):
        await answer_came_back(case.id, **given)
    with pytest.raises(ComplaintMovedOn):
        await explain(case.id, "It lay under other papers.", vault=door.vault, **given)
    assert not (await case_of(door, case)).open


async def test_whoever_has_no_account_and_waits_for_an_answer_is_not_erased_either(
    door: Door, as_privacy: Database
) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    assert case.correspondent_id is not None
    bea = Person.correspondent(case.correspondent_id)

    assert await erases(door, as_privacy, bea) is False
    assert (await opened(door, case)).concerns == list(WRITTEN.concerns)
    door.clock.advance(days=3 * 366)
    await keep_no_longer(None, db=as_privacy, clock=door.clock)
    assert await waits(door, bea.id) == [(HoldKind.OPEN_COMPLAINT, True)]
    assert (await opened(door, case)).concerns == list(WRITTEN.concerns)
    await answers(door, case, manager, posted_at=door.clock.now())
    door.clock.advance(days=22)
    assert await erases(door, as_privacy, bea) is True


async def test_a_complaint_is_deleted_two_years_after_its_answer_and_after_whatever_continues_it(
    door: Door, as_privacy: Database
) -> None:
    manager = await a_member(door, Role.MANAGER)
    ana = (await door.signs_up()).customer_id
    given: dict[str, Any] = {"db": door.db, "vault": door.vault, "clock": door.clock}
    first = (await complains(door, customer_id=ana)).complaint
    await add_to(first.id, "It was on Friday.", **given)
    await answers(door, first, manager, posted_at=door.clock.now())
    door.clock.advance(days=30)
    second = (await not_resolved(first.id, WRITTEN, **given)).complaint
    await answers(door, second, manager, posted_at=door.clock.now())

    async def left(days: int) -> int:
        door.clock.advance(days=days)
        await keep_no_longer(None, db=as_privacy, clock=door.clock)
        async with door.db.snapshot() as tx:
            assert "complaints" not in dict(await overdue(tx, now=door.clock.now()))
            return int(await tx.scalar(sa.text("SELECT count(*) FROM complaint")) or 0)

    assert await left(ON_RECORD.days - 1) == 2
    review_at = door.clock.now() + timedelta(days=90)
    placed = {"by": manager.id, "review_at": review_at, "db": door.db, "clock": door.clock}
    await place_hold(ana, ground="case-7", **placed)
    assert await left(2) == 2
    door.clock.advance(days=2)
    async with door.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE legal_hold SET lifted_at = :now"), {"now": door.clock.now()})
        assert ("complaints", 1) in await overdue(tx, now=door.clock.now())
    assert await left(0) == 0


async def test_a_package_holds_what_the_person_wrote_and_what_was_answered_and_says_how_to_get_a_scan(
    door: Door, as_privacy: Database
) -> None:
    """What begins like a program's text is a text."""
    manager = await a_member(door, Role.MANAGER)
    ana = Asker(door, (await door.signs_up()).customer_id)
    case = (await complains(door, Written.parse(["{my address"], "{}"), customer_id=ana.id)).complaint
    await add_to(case.id, "It was on Friday.", db=door.db, vault=door.vault, clock=door.clock)
    posted = Paper(**(vars(PAPER) | {"email": "ana.lima@example.com"}))
    await enter(
        posted,
        by=manager,
        opened_at=START - timedelta(days=90),
        db=door.db,
        vault=door.vault,
        clock=door.clock,
    )
    await answers(door, case, manager, posted_at=door.clock.now())
    request = await ana.asks()
    await ana.works(request.id, as_privacy)
    parts = {
        part["table"]: part["records"] for part in json.loads((await ana.gets(request.id))["package.json"])["parts"]
    }

    assert sorted(row["text_sealed"] or "" for row in parts["complaint"]) == ["", "{}"]
    assert {row["text_sealed"] for row in parts["complaint_concern"]} == {"{my address", *WRITTEN.concerns}
    added = {row["kind"]: row["content_sealed"] for row in parts["complaint_addition"]}
    assert added["text"] == "It was on Friday."
    assert "Write to us for a copy" in added["scan"]
    assert [row["findings_sealed"] for row in parts["complaint_answer"]] == ["The driver read the label out."]


async def test_a_drill_finds_the_key_of_whoever_complained_without_an_account(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    given = {"opened_at": START - timedelta(days=90), "db": door.db, "vault": door.vault, "clock": door.clock}
    await enter(PAPER, by=manager, **given)

    async with door.db.snapshot() as tx:
        found = [sealed async for sealed in sealed_values(tx) if sealed.place.table.startswith("complaint")]
        for sealed in found:
            assert (await key_of(tx, sealed.person_id, door.vault)).open(sealed.value, sealed.place)
    assert {sealed.place.table for sealed in found} == {"complaint", "complaint_concern", "complaint_addition"}
