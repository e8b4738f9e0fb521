"""A letter that names an earlier complaint by its number belongs to that complaint (C12, E82)."""

from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.complaints import reads
from kalecart.complaints.complaint import ADDITIONS_MAX, Complaint
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.hand_on import AboutYou
from kalecart.errors import Invalid
from kalecart.ids import ComplaintId
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from tests.clock import START
from tests.complaining import WRITTEN, a_member, answers, case_of, complains, on_paper
from tests.people import Door


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


async def again(door: Door, by: StaffMember, number: str, **but: object) -> Complaint:
    """It came today."""
    facts = {"channel": "post", "received_at": door.clock.now(), "written": WRITTEN, "number": number}
    paper = Paper(**(facts | but))  # ty: ignore[invalid-argument-type]
    given = {"opened_at": START - timedelta(days=90), "db": door.db, "vault": door.vault, "clock": door.clock}
    return (await enter(paper, by=by, **given)).complaint


async def test_while_it_is_open_it_is_added_with_its_scan_and_the_clock_is_unchanged(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    door.clock.advance(days=3)
    same = await again(door, manager, f" {case.number.lower()} ", scan=b"%PDF-")
    async with door.db.snapshot() as tx:
        opened = await reads.opened(tx, await reads.find(tx, case.id), door.vault)
        acts = await tx.scalar(sa.text("SELECT count(*) FROM audit_entry WHERE act = 'complaint_added'"))

    assert (same.id, opened.complaint.due_at, acts) == (case.id, case.due_at, 1)
    assert [text for _, text in opened.additions] == [WRITTEN.concerns[0]]
    assert len(opened.scans) == 1


async def test_once_it_is_answered_it_continues_it_as_a_case_of_the_same_person_with_thirty_days_of_its_own(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager, about_manager=False)
    await answers(door, case, manager, posted_at=door.clock.now())
    door.clock.advance(days=10)
    further = await again(door, manager, case.number)
    added = await again(door, manager, case.number)
    async with door.db.snapshot() as tx:
        postal = await reads.postal_of(tx, further, door.vault)

    assert (further.previous_id, further.person_id, further.to_post) == (case.id, case.person_id, True)
    assert further.days_left(door.clock.now()) == 30
    assert postal == "1 Main St.\nLos Angeles, CA 90012"
    # What is said again of the first one belongs to the case that is open now.
    assert added.id == further.id


async def test_of_whoever_has_a_mailbox_the_further_case_is_acknowledged_by_mail(
    door: Door, manager: StaffMember
) -> None:
    case = (await complains(door, about_manager=True)).complaint
    admin = await a_member(door, Role.PRIVACY)
    with pytest.raises(AboutYou):
        await again(door, manager, case.number)
    await answers(door, case, admin, posted_at=door.clock.now())
    further = await again(door, admin, case.number)

    assert (further.on_paper, further.against) == (False, manager.id)
    assert (await case_of(door, further)).previous_id == ComplaintId(case.id)


async def test_a_number_of_nobody_an_earlier_day_and_too_many_additions_are_refused_beside_their_field(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)

    async def refused(number: str, **but: object) -> set[str]:
        with pytest.raises(Invalid) as refusal:
            await again(door, manager, number, **but)
        return set(refusal.value.problems)

    assert await refused("AAAAA-AAAA") == {"/number"}
    assert await refused(case.number, received_at=case.received_at - timedelta(days=1)) == {"/received_at"}
    for _ in range(ADDITIONS_MAX):
        await again(door, manager, case.number)
    assert await refused(case.number) == {"/number"}
