"""The register of paper: filed with a day, locked away under a key somebody has, shredded before a witness (C8)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.database import ConstraintBroken, Tx
from kalecart.errors import Invalid, NotFound
from kalecart.paper import reads, store
from kalecart.paper.category import Category
from kalecart.paper.item import SHRED_WITHIN, CabinetId, Early, PaperId, PaperMovedOn, Standing, day_of
from kalecart.paper.keep_cabinet import hand_key
from kalecart.paper.move import move
from kalecart.paper.reads import Wanted
from kalecart.paper.shred import PaperHeld
from kalecart.privacy.place_hold import lift_hold, place_hold
from kalecart.staff.leave import leave
from kalecart.staff.member import StaffMember, TrainingLapsed
from kalecart.staff.rights import Role
from kalecart.tombstones import replay, tombstones
from tests.complaining import a_member, complains
from tests.filing import Office, letters, open_alerts, passed

DAY = timedelta(days=1)


async def acts(tx: Tx, subject: object) -> list[str]:
    found = sa.text("SELECT act FROM audit_entry WHERE subject = :id ORDER BY at, id")
    return list(await tx.scalars(found, {"id": str(subject)}))


# Filing


async def test_paper_is_filed_until_the_day_its_rule_says_and_everything_done_to_it_is_on_record(
    office: Office,
) -> None:
    paper = await office.files("identity")
    other = await office.furnish("Office 2")
    today = shop_date(office.door.clock.now())

    assert paper.keep_until == day_of(today + Category.IDENTITY.rule.longest)
    assert (await office.found(paper)).standing(office.door.clock.now()) is Standing.KEPT
    for _ in range(2):
        await move(paper.id, other, by=office.perry, db=office.web, clock=office.door.clock)
    await office.waits_for(paper)
    await office.shreds(paper)

    kept = await office.found(paper)
    assert (kept.shredded_by, kept.witness, kept.cabinet_id) == (office.perry.id, office.manager.id, other)
    async with office.door.db.snapshot() as tx:
        assert await acts(tx, paper.id) == ["paper_filed", "paper_moved", "paper_shredded"]


async def test_nothing_is_filed_without_a_day_nor_beyond_its_rule_and_each_problem_is_named(office: Office) -> None:
    today = shop_date(office.door.clock.now())
    for asked, wrong in (
        ({"what": "other"}, {"/keep_until"}),
        ({"what": "identity", "keep_until": today + 31 * DAY}, {"/keep_until"}),
        ({"what": "delivery", "keep_until": today}, {"/keep_until"}),
        ({"what": "wallpaper", "cabinet_id": None, "about": "nobody@example.com"}, {"/what", "/cabinet_id", "/about"}),
    ):
        with pytest.raises(Invalid) as caught:
            await office.files(**asked)
        assert set(caught.value.problems) == wrong
    assert (await office.files("identity", keep_until=today + DAY)).keep_until == day_of(today + DAY)


async def test_whom_a_paper_is_about_is_found_by_complaint_request_and_address(office: Office) -> None:
    ana = (await office.door.signs_up(email="ana@example.com")).customer_id
    case = (await complains(office.door)).complaint
    for about, column, person_id in (
        ("ANA@example.com", "customer_id", ana),
        (case.number.lower(), "correspondent_id", case.correspondent_id),
        ("bea.quince@example.org", "correspondent_id", case.correspondent_id),
        ("manager@example.com", "staff_id", office.manager.id),
    ):
        paper = await office.files("complaint", about=about)
        async with office.door.db.snapshot() as tx:
            theirs = sa.text(f"SELECT {column} FROM paper_item WHERE id = :id")  # of our own
            assert await tx.scalar(theirs, {"id": paper.id}) == person_id


# Shredding


async def test_nothing_is_shredded_before_its_day_without_a_reason_nor_before_oneself_nor_twice(
    office: Office,
) -> None:
    paper = await office.files()
    for but, wrong in (
        ({}, {"/early"}),
        ({"early": "bored", "witness": None}, {"/early", "/witness"}),
        ({"early": "done", "witness": office.perry.id}, {"/witness"}),
    ):
        with pytest.raises(Invalid) as caught:
            await office.shreds(paper, **but)
        assert set(caught.value.problems) == wrong

    await office.shreds(paper, early="done")
    assert (await office.found(paper)).early is Early.DONE
    with pytest.raises(PaperMovedOn):
        await office.shreds(paper, early="done")
    with pytest.raises(PaperMovedOn):
        await move(paper.id, office.cabinet, by=office.perry, db=office.web, clock=office.door.clock)
    with pytest.raises(NotFound):
        await office.shreds(replace(paper, id=PaperId(paper.cabinet_id)))


async def test_the_database_takes_no_witness_who_is_the_same_person_or_left_and_nothing_unshreds(
    office: Office,
) -> None:
    sam = await a_member(office.door, Role.ORDERS)
    await leave(sam.id, by=office.manager, db=office.web, clock=office.door.clock)
    paper, now = await office.files(), office.door.clock.now()
    done = {"shredded_at": now, "shredded_by": office.perry.id, "early": "done"}
    for values, broken in (
        (done | {"witness": office.perry.id}, {"paper_item_witness_is_another", "paper_item_by_two"}),
        (done | {"witness": sam.id}, {"paper_item_by_two"}),
        (done | {"witness": None}, {"paper_item_shredded_before_witness", "paper_item_by_two"}),
        ({"shredded_at": now}, {"paper_item_by_two"}),
        (done | {"witness": office.manager.id, "early": None}, {"paper_item_not_early"}),
    ):
        with pytest.raises(ConstraintBroken) as caught:
            async with office.web.transaction() as tx:
                await store.change(tx, paper.id, **values)
        assert caught.value.constraint in broken

    await office.shreds(paper, early="done")
    with pytest.raises(ConstraintBroken) as caught:
        async with office.privacy.transaction() as tx:
            await store.change(tx, paper.id, shredded_at=None, shredded_by=None, witness=None, early=None)
    assert caught.value.constraint == "paper_item_stays_shredded"


async def test_two_who_shred_the_same_paper_at_once_are_one_who_did(office: Office) -> None:
    paper = await office.files()
    tries = [office.shreds(paper, early="done") for _ in range(2)]

    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(end) for end in ends if end) == [PaperMovedOn]


async def test_while_a_legal_hold_is_on_its_person_a_paper_cannot_be_shredded(office: Office) -> None:
    """E70."""
    ana = (await office.door.signs_up(email="ana@example.com")).customer_id
    paper, clock = await office.files("complaint", about="ana@example.com"), office.door.clock
    given = {"by": office.manager.id, "db": office.door.db, "clock": clock}
    hold = await place_hold(ana, ground="case-1", review_at=clock.now() + 30 * DAY, **given)

    with pytest.raises(PaperHeld):
        await office.shreds(paper, early="done")
    assert (await office.found(paper)).shredded_at is None
    await lift_hold(hold, **given)
    await office.shreds(paper, early="done")
    assert (await office.found(paper)).shredded_at


async def test_paper_under_a_legal_hold_is_neither_to_be_shredded_nor_late_until_that_ends(office: Office) -> None:
    """E70: whoever is told to shred it does so first, and writes it down then."""
    ana = (await office.door.signs_up(email="ana@example.com")).customer_id
    held, other = await office.files(about="ana@example.com"), await office.files()
    clock = office.door.clock
    given = {"by": office.manager.id, "db": office.door.db, "clock": clock}
    hold = await place_hold(ana, ground="case-1", review_at=clock.now() + 300 * DAY, **given)
    await office.waits_for(held, more=SHRED_WITHIN)

    async def due() -> list[str]:
        async with office.web.snapshot() as tx:
            found = await reads.papers(tx, Wanted(standing=Standing.OVERDUE), now=clock.now())
            assert await reads.under_hold(tx, [held.id, other.id]) <= {held.id}
            return [each.number for each in found]

    assert await due() == [other.number]
    await office.shreds(other)
    await office.watches()
    assert (await passed(office.door.db), await letters(office.door.db)) == (True, [])
    assert ("paper_due", "register") not in await open_alerts(office.door.db)

    await lift_hold(hold, **given)
    await office.watches()
    assert (await due(), await passed(office.door.db)) == ([held.number], False)


# Cabinets and their keys


async def test_a_key_is_handed_on_and_who_had_it_when_stays_known(office: Office) -> None:
    clock = office.door.clock
    for holder in (office.manager, office.manager, office.perry):
        clock.advance(hours=1)
        await hand_key(office.cabinet, holder.id, by=office.perry, db=office.web, clock=clock)

    async with office.door.db.snapshot() as tx:
        (cabinet,) = await reads.cabinets(tx)
        assert [key.staff_id for key in cabinet.keys] == [office.perry.id, office.manager.id, office.perry.id]
        assert cabinet.holder(clock.now()) == office.perry.id
    with pytest.raises(NotFound):
        await hand_key(CabinetId(office.perry.id), office.perry.id, by=office.perry, db=office.web, clock=clock)


async def test_no_key_is_given_to_somebody_who_left_nor_a_second_cabinet_the_same_name(office: Office) -> None:
    sam, clock = await a_member(office.door, Role.ORDERS), office.door.clock
    await leave(sam.id, by=office.manager, db=office.web, clock=clock)

    for holder in (sam.id, None, office.cabinet):
        with pytest.raises(Invalid) as caught:
            await hand_key(office.cabinet, holder, by=office.perry, db=office.web, clock=clock)
        assert set(caught.value.problems) == {"/holder"}
    with pytest.raises(Invalid) as caught:
        await office.furnish("Office 1")
    assert set(caught.value.problems) == {"/name"}


async def test_whoever_leaves_with_a_key_turns_the_promise_red_until_somebody_else_has_it(office: Office) -> None:
    sam, clock = await a_member(office.door, Role.ORDERS), office.door.clock
    await hand_key(office.cabinet, sam.id, by=office.perry, db=office.web, clock=clock)
    paper = await office.files()
    await office.watches()
    assert await passed(office.door.db)

    await leave(sam.id, by=office.manager, db=office.web, clock=clock)
    await office.watches()
    assert not await passed(office.door.db)
    assert await open_alerts(office.door.db) == [("cabinet_unkept", str(office.cabinet))]
    assert len(await letters(office.door.db)) == 1

    await hand_key(office.cabinet, office.perry.id, by=office.perry, db=office.web, clock=clock)
    await office.watches()
    assert await passed(office.door.db)
    assert await open_alerts(office.door.db) == []
    assert (await office.found(paper)).shredded_at is None


# What is late


async def test_paper_whose_day_came_raises_an_alert_and_a_week_later_turns_the_promise_red_with_a_letter_a_week(
    office: Office,
) -> None:
    paper = await office.files()
    await office.waits_for(paper, more=-timedelta(seconds=2))
    await office.watches()
    assert (await passed(office.door.db), await open_alerts(office.door.db)) == (True, [])

    await office.watches()
    assert (await passed(office.door.db), await open_alerts(office.door.db)) == (True, [("paper_due", "register")])

    office.door.clock.advance(seconds=SHRED_WITHIN.total_seconds())
    for _ in range(2):
        await office.watches()
    assert not await passed(office.door.db)
    assert len(await letters(office.door.db)) == 1
    office.door.clock.advance(days=7)
    await office.watches()
    assert len(set(await letters(office.door.db))) == 2

    await office.shreds(paper)
    await office.watches()
    assert (await passed(office.door.db), await open_alerts(office.door.db)) == (True, [])


async def test_what_is_to_be_shredded_comes_first_and_then_cabinet_by_cabinet(office: Office) -> None:
    last, first = await office.furnish("Z"), await office.furnish("A")
    kept = [await office.files("bank", cabinet_id=where) for where in (last, first)]
    due = await office.files("identity", cabinet_id=last)
    gone = await office.files()
    await office.shreds(gone, early="mistake")
    await office.waits_for(due)
    now = office.door.clock.now()

    async def numbers(**but: Any) -> list[str]:
        async with office.door.db.snapshot() as tx:
            return [paper.number for paper in await reads.papers(tx, Wanted(**but), now=now)]

    assert await numbers() == [due.number, kept[1].number, kept[0].number]
    assert await numbers(standing=Standing.DUE) == [due.number]
    assert await numbers(standing=Standing.OVERDUE) == []
    assert await numbers(standing=Standing.SHREDDED) == [gone.number]
    assert await numbers(what=Category.BANK, cabinet_id=first) == [kept[1].number]


async def test_a_restored_backup_learns_from_the_stones_what_was_shredded_since(office: Office) -> None:
    """E67."""
    paper, kept = await office.files(), await office.files()
    await office.shreds(paper, early="done")
    await office.watches()
    shredded_at = (await office.found(paper)).shredded_at
    async with office.door.db.transaction() as tx:
        stones = [stone for stone in await tombstones(tx) if stone.scope == "paper"]
        assert [(stone.person_id, stone.erased_at) for stone in stones] == [(paper.id, shredded_at)]
        # As the older copy has it: the paper lies here, and there is no stone yet.
        await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await tx.execute(sa.text("DELETE FROM vault.tombstone WHERE scope = 'paper'"))
        await store.change(tx, paper.id, shredded_at=None, shredded_by=None, witness=None, early=None)

    async with office.door.db.transaction() as tx:
        await replay(tx, stones)
    await office.watches()
    again = await office.found(paper)
    assert (again.shredded_at, again.shredded_by, again.witness) == (shredded_at, None, None)
    assert (await office.found(kept)).shredded_at is None


async def test_whoever_is_not_trained_neither_files_nor_shreds_nor_hands_a_key_on(office: Office) -> None:
    paused = StaffMember(id=office.perry.id, role=Role.PRIVACY, untrained=True)
    paper = await office.files()
    for attempt in (
        office.files(by=paused),
        office.shreds(paper, by=paused),
        move(paper.id, office.cabinet, by=paused, db=office.web, clock=office.door.clock),
        hand_key(office.cabinet, office.perry.id, by=paused, db=office.web, clock=office.door.clock),
    ):
        with pytest.raises(TrainingLapsed):
            await attempt
