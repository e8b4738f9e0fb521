"""Who acts for the manager, checked at the instant of the act by the database too (C3, E84, E85)."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.complaints import reads
from kalecart.complaints.answer import OnPaper, answer
from kalecart.complaints.complain import Form, complain
from kalecart.complaints.complaint import Complaint, Findings, Written
from kalecart.complaints.hand_on import hand_on
from kalecart.complaints.tables import complaint_assignment
from kalecart.complaints.watch import watch_complaints
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId, new_id
from kalecart.staff import reads as staff
from kalecart.staff import store as staff_store
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.designate import Asked, designate, revoke
from kalecart.staff.designation import Designation, Scope
from kalecart.staff.leave import leave
from kalecart.staff.member import NotDesignated, RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import alert, task
from tests.clock import START
from tests.people import PASSWORD, Door
from tests.waiting import somebody_waits

WRITTEN = Written.parse(["My address was read out loud at my neighbour's door."], "")
FOUND = Findings(findings="The driver read the label out.", steps="Labels show a number only.")
HOUR = timedelta(hours=1)


async def a_member(door: Door, role: Role, name: str = "") -> StaffMember:
    new = NewStaff(name="Sam Staff", email=f"{name or role}@example.com", password=PASSWORD, role=role)
    added = await add_staff(new, db=door.db, vault=door.vault, clock=door.clock)
    return StaffMember(id=StaffId(added), role=role)


async def complains(door: Door, *, about_manager: bool = False) -> Complaint:
    form = Form(written=WRITTEN, name="Bea Quince", email="bea.quince@example.org", about_manager=about_manager)
    given = {"db": door.db, "vault": door.vault, "clock": door.clock, "allowances": door.allowances}
    return (await complain(form, "203.0.113.7", customer_id=None, **given)).complaint  # ty: ignore[invalid-argument-type]


async def answers(door: Door, case: Complaint, by: StaffMember) -> None:
    given = {"by": by, "db": door.db, "vault": door.vault, "clock": door.clock}
    await answer(case.id, FOUND, on_paper=OnPaper(posted_at=door.clock.now()), **given)


async def designated(door: Door, manager: StaffMember, to: StaffMember, **but: Any) -> Designation:
    asked = Asked(**({"staff_id": to.id, "scope": "complaints"} | but))
    return await designate(asked, by=manager, db=door.db, clock=door.clock)


async def history(door: Door, case: Complaint) -> list[tuple[StaffId, datetime]]:
    async with door.db.snapshot() as tx:
        mine = sa.select(complaint_assignment).where(complaint_assignment.c.complaint_id == case.id)
        return [(row.staff_id, row.at) for row in await tx.execute(mine.order_by(complaint_assignment.c.at))]


async def handler(door: Door, case: Complaint) -> StaffId | None:
    async with door.db.snapshot() as tx:
        return (await reads.find(tx, case.id)).handler_id


async def watches(door: Door) -> int:
    return await watch_complaints(None, db=door.db, clock=door.clock)


async def test_the_delegate_leaves_on_day_20_and_it_is_the_managers_at_that_instant(
    door: Door, as_web: Database, as_privacy: Database
) -> None:
    """E85; with the log-ins of the processes that do it, and looked at hours later."""
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    case = await complains(door)
    await hand_on(case.id, admin.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=20)
    left_at = door.clock.now()
    await leave(admin.id, by=manager, db=as_web, clock=door.clock)
    async with door.db.snapshot() as tx:
        promised = sa.select(task.c.arguments).where(task.c.key == f"watch_complaints:left:{admin.id}")
        assert await tx.scalar(promised) == {"slot": f"left:{admin.id}"}
    with pytest.raises(NotDesignated):
        await answers(door, case, admin)

    door.clock.advance(hours=5)
    for _ in range(2):
        await watch_complaints(None, db=as_privacy, clock=door.clock)

    assert await history(door, case) == [(admin.id, START), (manager.id, left_at)]
    assert await handler(door, case) == manager.id
    await answers(door, case, manager)


async def test_a_delegate_whose_time_is_over_hands_back_without_anybody_doing_anything(door: Door) -> None:
    manager, picker = await a_member(door, Role.MANAGER), await a_member(door, Role.ORDERS)
    ends_at = START + timedelta(days=4)
    await designated(door, manager, picker, ends_at=ends_at)
    case = await complains(door)
    await hand_on(case.id, picker.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=3)
    await watches(door)
    assert await handler(door, case) == picker.id
    door.clock.advance(days=3)
    await watches(door)

    assert await history(door, case) == [(picker.id, START), (manager.id, ends_at)]


async def test_what_is_about_the_manager_goes_from_delegate_to_delegate_and_waits_where_there_is_none(
    door: Door,
) -> None:
    """E84: he is told that somebody has to be designated, by number and dates."""
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    picker = await a_member(door, Role.ORDERS)
    case = await complains(door, about_manager=True)
    await leave(admin.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=15)
    await watches(door)

    assert await handler(door, case) is None
    async with door.db.snapshot() as tx:
        alerts = await tx.scalars(sa.select(alert.c.kind).where(alert.c.subject == str(case.id)))
        assert list(alerts) == ["complaint_unassigned"]
        letters = await tx.scalars(sa.select(task.c.arguments["subject"].astext).where(task.c.topic == "send_mail"))
        assert str(manager.id) in set(letters)
    await designated(door, manager, picker)
    await watches(door)
    assert [who for who, _ in await history(door, case)] == [admin.id, picker.id]


async def test_an_answer_signed_under_a_designation_that_was_taken_back_is_refused(door: Door) -> None:
    manager, picker = await a_member(door, Role.MANAGER), await a_member(door, Role.ORDERS)
    case, other = await complains(door), await complains(door)
    with pytest.raises(NotDesignated):
        await answers(door, case, _believed(picker))
    held = await designated(door, manager, picker)
    await answers(door, case, _believed(picker))
    door.clock.advance(hours=1)
    for _ in range(2):
        await revoke(held.id, by=manager, db=door.db, clock=door.clock)

    with pytest.raises(NotDesignated):
        await answers(door, other, _believed(picker))


def _believed(member: StaffMember) -> StaffMember:
    """As a request that was let in before: what it believes about itself is not what counts."""
    return StaffMember(
        id=member.id, role=member.role, granted=frozenset({"complaints:answer", "complaints:act", "complaints:read"})
    )


async def test_the_database_takes_an_answer_exactly_while_a_designation_is_in_force(door: Door) -> None:
    """Ends, overlaps and revocations at random: the noun, the query and the trigger agree at every edge."""
    chance, case = random.Random(20261), await complains(door)  # the same cases each time
    manager = await a_member(door, Role.MANAGER)
    picker = await a_member(door, Role.ORDERS)
    for number in range(6):
        picker = await a_member(door, Role.ORDERS, f"p{number}")
        held = [_at_random(chance, picker.id) for _ in range(3)]
        async with door.db.transaction() as tx:
            await staff_store.designate(tx, held, by=manager.id, now=START)
        edges = {each for one in held for each in (one.starts_at, one.ends_at, one.revoked_at) if each}
        instants = sorted({edge + by for edge in edges for by in (-timedelta(microseconds=1), timedelta(0), HOUR / 2)})
        for at in instants:
            truth = any(one.in_force(at) for one in held if one.scope is Scope.COMPLAINTS)
            async with door.db.snapshot() as tx:
                assert (picker.id in await staff.delegates(tx, Scope.COMPLAINTS, at)) is truth, at
            assert await _takes(door.db, case, picker.id, at) is truth, at
        async with door.db.transaction() as tx:
            await tx.execute(sa.text("UPDATE staff SET left_at = :at WHERE id = :id"), {"at": START, "id": picker.id})
        assert not any([await _takes(door.db, case, picker.id, at) for at in instants[:3]])


def _at_random(chance: random.Random, whom: StaffId) -> Designation:
    start = chance.randrange(40)
    return Designation(
        id=new_id(),
        staff_id=whom,
        scope=chance.choice([Scope.COMPLAINTS, Scope.COMPLAINTS, Scope.REQUESTS]),
        starts_at=START + start * HOUR,
        ends_at=chance.choice([None, START + (start + chance.randrange(1, 30)) * HOUR]),
        revoked_at=chance.choice([None, None, START + chance.randrange(60) * HOUR]),
    )


class _Undone(Exception):
    """So that nothing of a try is left."""


async def _takes(db: Database, case: Complaint, by: StaffId, at: datetime) -> bool:
    with pytest.raises((ConstraintBroken, _Undone)) as caught:
        await _tries(db, {"id": new_id(), "case": case.id, "by": by, "at": at})
    if isinstance(caught.value, ConstraintBroken):
        assert caught.value.constraint == "complaint_answer_by_designated"
    return caught.type is _Undone


async def _tries(db: Database, row: dict[str, Any]) -> None:
    columns = "id, complaint_id, findings_sealed, steps_sealed, channel, signed_by, signed_at"
    async with db.transaction() as tx:
        await tx.execute(
            sa.text(f"INSERT INTO complaint_answer ({columns}) VALUES (:id, :case, '', '', 'mail', :by, :at)"), row
        )
        raise _Undone


async def test_what_is_handed_on_waits_for_a_revocation_under_way_and_is_refused_after_it(door: Door) -> None:
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    case = await complains(door)
    async with door.db.snapshot() as tx:
        held = next(each for each in await staff.designations(tx) if each.scope is Scope.COMPLAINTS)
    async with door.db.transaction() as revoking:
        await staff_store.revoke(revoking, held.id, now=START)
        handing = asyncio.create_task(hand_on(case.id, admin.id, by=manager, db=door.db, clock=door.clock))
        await somebody_waits(door.db)
    with pytest.raises(Invalid):
        await handing


async def test_only_a_manager_designates_and_only_whom_it_makes_sense_to(door: Door) -> None:
    manager, picker = await a_member(door, Role.MANAGER), await a_member(door, Role.ORDERS)
    given = {"db": door.db, "clock": door.clock}
    with pytest.raises(RoleForbids):
        await designate(Asked(staff_id=manager.id, scope="complaints"), by=picker, **given)
    with pytest.raises(RoleForbids):
        await revoke(new_id(), by=picker, **given)
    with pytest.raises(NotFound):
        await revoke(new_id(), by=manager, **given)
    for but, fields in (
        ({"staff_id": manager.id}, {"/staff_id"}),
        ({"staff_id": StaffId(new_id()), "scope": "everything"}, {"/staff_id", "/scope"}),
        ({"starts_at": START - HOUR}, {"/starts_at"}),
        ({"starts_at": START + HOUR, "ends_at": START + HOUR}, {"/ends_at"}),
    ):
        with pytest.raises(Invalid) as refusal:
            await designated(door, manager, picker, **but)
        assert set(refusal.value.problems) == fields
