"""Whoever gave no e-mail address is told on paper that we have their complaint (C12, E82, E83)."""

from datetime import datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.alerts import open_alerts
from kalecart.complaints import reads, reads_post
from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.add_to import not_resolved
from kalecart.complaints.complaint import Complaint, ComplaintMovedOn, Written
from kalecart.complaints.hand_on import AboutYou
from kalecart.complaints.print_acknowledgement import print_acknowledgement
from kalecart.complaints.watch import watch_complaints
from kalecart.database import Database
from kalecart.errors import Invalid, NotFound
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from tests.clock import START
from tests.complaining import WRITTEN, a_member, answers, case_of, on_paper
from tests.complaining import complains as complains_on_the_web
from tests.pdf_text import text_of
from tests.people import Door


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


async def posted(door: Door, case: Complaint, by: StaffMember, at: datetime | None) -> None:
    await acknowledge(case.id, posted_at=at, by=by, db=door.db, clock=door.clock)


async def letter(door: Door, case: Complaint, by: StaffMember) -> str:
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    return text_of((await print_acknowledgement(case.id, public_url="https://shop.test", by=by, **given)).content)


async def waiting(door: Door) -> tuple[int, list[str]]:
    """How many are to be posted, and which the board shows when only they are wanted."""
    async with door.db.snapshot() as tx:
        return await reads_post.to_post(tx), [case.number for case in await reads.board(tx, to_post=True)]


async def alerts(door: Door) -> set[str]:
    async with door.db.direct() as pg:
        return set(await open_alerts(pg, "acknowledgement_unposted"))


async def watched(door: Door, as_privacy: Database) -> set[str]:
    """What is open after the process that watches the clock has looked."""
    await watch_complaints(None, db=as_privacy, clock=door.clock)
    return await alerts(door)


async def test_the_letter_says_what_was_received_by_when_we_answer_whom_to_write_to_and_asks_for_what_is_missing(
    door: Door, manager: StaffMember
) -> None:
    """E83."""
    case = await on_paper(door, manager)
    async with door.db.snapshot() as tx:
        code = await reads.code_of(tx, case, door.vault)
    said = await letter(door, case, manager)

    told = ["Bea Quince", "1 Main St.", "Los Angeles, CA 90012", case.number, code, "https://shop.test/complaints/look"]
    told += ["by post on Saturday, October 31, 2026", "Monday, November 30, 2026", "My address was read out loud at my"]
    told += ["Ryan Matteson", "460 S. Spring St. #913", "Los Angeles, CA 90013", "ryan@kalecart.com"]
    together = "".join(said.split())
    assert [each for each in told if "".join(each.split()) not in together] == []
    assert "Youdidnotname" not in together
    vague = await on_paper(door, manager, Written.parse([], "I am not happy with you."))
    asked = "".join((await letter(door, vague, manager)).split())
    assert "Youdidnotnameaspecificconcern." in asked
    assert "andthedatestays" in asked


async def test_it_is_posted_once_on_a_day_between_receipt_and_today_and_stands_in_the_timeline(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    assert await waiting(door) == (1, [case.number])
    for never in (START - timedelta(days=3), START + timedelta(minutes=1), None):
        with pytest.raises(Invalid):
            await posted(door, case, manager, never)
    yesterday = START - timedelta(days=1)
    await posted(door, case, manager, yesterday)

    with pytest.raises(ComplaintMovedOn):
        await posted(door, case, manager, yesterday)
    with pytest.raises(NotFound):
        await letter(door, case, manager)
    async with door.db.snapshot() as tx:
        opened = await reads.opened(tx, await reads.find(tx, case.id), door.vault)
        by = await tx.scalar(sa.text("SELECT acknowledged_by FROM complaint"))
        acts = await tx.scalar(sa.text("SELECT count(*) FROM audit_entry WHERE act = 'complaint_acknowledged'"))
    assert [event.at for event in opened.timeline if event.what == "acknowledged"] == [yesterday]
    assert (by, acts, await waiting(door)) == (manager.id, 1, (0, []))
    same_day = await on_paper(door, manager)
    await posted(door, same_day, manager, same_day.received_at - timedelta(hours=1))
    assert (await case_of(door, same_day)).acknowledged_at == same_day.received_at
    vague = await on_paper(door, manager, Written.parse([], "I am not happy with you."))
    await posted(door, vague, manager, yesterday)
    assert (await case_of(door, vague)).specifics_asked_at == yesterday


async def test_three_days_without_it_raise_an_alert_until_it_is_posted_or_answered(
    door: Door, manager: StaffMember, as_privacy: Database
) -> None:
    first, second = await on_paper(door, manager), await on_paper(door, manager)
    assert await watched(door, as_privacy) == set()
    door.clock.advance(days=1)
    assert await watched(door, as_privacy) == {str(first.id), str(second.id)}
    await posted(door, first, manager, door.clock.now())
    assert await alerts(door) == {str(second.id)}
    await answers(door, second, manager, posted_at=door.clock.now())

    assert await watched(door, as_privacy) == set()
    assert await waiting(door) == (0, [])


async def test_whoever_gave_an_address_gets_it_by_mail_and_nothing_is_to_be_posted(
    door: Door, manager: StaffMember
) -> None:
    by_mail = await on_paper(door, manager, email="bea.quince@example.org")
    on_the_web = (await complains_on_the_web(door)).complaint

    assert await waiting(door) == (0, [])
    for case in (by_mail, on_the_web):
        with pytest.raises(ComplaintMovedOn):
            await posted(door, case, manager, door.clock.now())
        with pytest.raises(NotFound):
            await letter(door, case, manager)


async def test_whom_it_is_about_neither_prints_nor_posts_it_and_does_not_sign_it(
    door: Door, manager: StaffMember
) -> None:
    """E84."""
    admin = await a_member(door, Role.PRIVACY)
    case = await on_paper(door, admin, about_manager=True)
    for act in (letter(door, case, manager), posted(door, case, manager, door.clock.now())):
        with pytest.raises(AboutYou):
            await act

    together = "".join((await letter(door, case, admin)).split())
    assert "Somebodywhomitisnotaboutlooksintoit." in together
    assert "RyanMattesonisresponsible" not in together


async def test_a_case_that_continues_one_on_paper_is_acknowledged_on_paper_and_says_which_it_continues(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    await answers(door, case, manager, posted_at=door.clock.now())
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    again = (await not_resolved(case.id, WRITTEN, **given)).complaint
    async with door.db.snapshot() as tx:
        letters = await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == "send_mail"))

    assert (await waiting(door), letters) == ((1, [again.number]), 0)
    said = "".join((await letter(door, again, manager)).split())
    assert ("1MainSt." in said, f"Itcontinuesyourcomplaint{case.number}." in said) == (True, True)
