"""A complaint from its receipt to its answer, whoever looks at the clock and when (C12, C13)."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.alerts import open_alerts
from kalecart.complaints import reads
from kalecart.complaints.add_to import add_to, not_resolved
from kalecart.complaints.answer import OnPaper
from kalecart.complaints.change_ladder import change_ladder
from kalecart.complaints.complaint import ComplaintMovedOn, Standing, Written
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.explain import explain
from kalecart.complaints.hand_on import AboutYou, hand_on
from kalecart.complaints.ladder import BREACH_DAY, Step, Told
from kalecart.complaints.lodge import code_hash
from kalecart.complaints.tables import complaint_step
from kalecart.complaints.watch import watch_complaints
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.store import begin
from kalecart.staff.rights import Role
from kalecart.tasks import Held, task
from tests.clock import START
from tests.complaining import (
    WRITTEN,
    a_member,
    answers,
    case_of,
    complains,
    letter_came_back,
    letter_went_out,
    letters_to,
    steps_of,
    watches,
)
from tests.people import EMAIL, Door


async def test_a_complaint_is_kept_sealed_and_opens_for_its_number_and_code(door: Door) -> None:
    lodged = await complains(door)

    async with door.db.snapshot() as tx:
        mine = await reads.find_by_code(tx, lodged.complaint.number, code_hash(lodged.code.lower()))
        other = await reads.find_by_code(tx, lodged.complaint.number, code_hash("AAAAAAAAAA"))
        assert mine is not None
        opened = await reads.opened(tx, mine, door.vault)
        plain = await tx.scalar(sa.text("SELECT string_agg(complaint_concern::text, ' ') FROM complaint_concern"))

    assert other is None
    assert (list(opened.concerns), opened.complaint.standing(START)) == (list(WRITTEN.concerns), Standing.ON_TIME)
    assert "neighbour" not in str(plain)


async def test_without_specific_concerns_it_is_acknowledged_asked_once_and_the_clock_runs(door: Door) -> None:
    """E83."""
    lodged = await complains(door, Written.parse([], "I am not happy with you."))
    case = lodged.complaint

    assert case.specifics_asked_at == START
    await add_to(case.id, "It was on Friday.", db=door.db, vault=door.vault, clock=door.clock)
    async with door.db.snapshot() as tx:
        opened = await reads.opened(tx, await reads.find(tx, case.id), door.vault)
    assert [text for _, text in opened.additions] == ["It was on Friday."]
    assert (opened.complaint.specifics_asked_at, opened.complaint.due_at) == (START, case.due_at)


async def test_each_step_is_taken_once_when_it_is_due_and_tells_who_is_next(door: Door, as_privacy: Database) -> None:
    """As the worker on people's data does it, with its own log-in."""
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    case = (await complains(door)).complaint
    await hand_on(case.id, admin.id, by=manager, db=door.db, clock=door.clock)
    for _ in range(33 * 4):
        door.clock.advance(hours=6)
        await watch_complaints(None, db=as_privacy, clock=door.clock)

    names = ["day_15", "day_21", "day_25", "day_28", "day_30", "breach", "breach_1", "breach_2"]
    assert await steps_of(door, case) == [(name, True) for name in names]
    assert await letters_to(door, admin) == ["day_15", "day_21", "day_25"]
    assert await letters_to(door, manager) == ["day_28", "day_30", "breach", "breach_1", "breach_2"]


async def test_a_clock_that_stood_still_for_weeks_notices_everything_once_and_truly(door: Door) -> None:
    await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    door.clock.advance(days=29)

    assert (await watches(door), await watches(door)) == (1, 0)
    names = ["day_3", "day_15", "day_21", "day_25", "day_28"]
    assert [name for name, _ in await steps_of(door, case)] == names
    assert (await case_of(door, case)).standing(door.clock.now()) is Standing.NEAR
    # Looked at again only days after its end: the last step is told, and the breach is an alert all the same.
    door.clock.advance(days=5)
    await watches(door)
    async with door.db.direct() as pg:
        assert await open_alerts(pg, "complaint_late") == [str(case.id)]


async def test_an_answer_counts_once_its_letter_went_out_and_a_bounced_one_is_none(door: Door) -> None:
    """E86: another way is found, and the clock is unchanged."""
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    door.clock.advance(days=29)
    await answers(door, case, manager)
    waiting = await case_of(door, case)
    await letter_went_out(door, case)
    sent = await case_of(door, case)
    door.clock.advance(days=3)
    await letter_came_back(door, case)
    bounced = await case_of(door, case)

    assert waiting.open
    assert sent.standing(door.clock.now()) is Standing.ANSWERED
    assert (bounced.standing(door.clock.now()), bounced.due_at) == (Standing.BREACHED, case.due_at)
    await answers(door, case, manager, posted_at=door.clock.now())
    late = await case_of(door, case)
    assert (late.standing(door.clock.now()), late.late(door.clock.now())) == (Standing.ANSWERED, True)


async def test_of_two_who_answer_by_mail_at_once_one_is_refused_and_its_person_gets_one_answer(door: Door) -> None:
    """Until its letter came back, or was given up; on paper another may go beside a mail server that is away."""
    members = [await a_member(door, role) for role in (Role.MANAGER, Role.PRIVACY)]
    case = (await complains(door)).complaint
    at_once = (answers(door, case, by) for by in members)
    refused = [type(each) for each in await asyncio.gather(*at_once, return_exceptions=True)]
    async with door.db.snapshot() as tx:
        letters = sa.select(sa.func.count()).where(task.c.arguments["kind"].astext == "complaint_answered")
        waiting = await tx.scalar(letters)
    await answers(door, case, members[0], on_paper=OnPaper(postal="1 Main St."))
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(task).where(task.c.topic == "send_mail").values(state="done"))
    await answers(door, case, members[0])

    assert (set(refused), waiting) == ({ComplaintMovedOn, type(None)}, 1)


async def test_whoever_tends_the_shop_is_alerted_for_as_long_as_a_complaint_is_late_and_no_longer(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint

    async def alerted() -> bool:
        async with door.db.direct() as pg:
            return await open_alerts(pg, "complaint_late") == [str(case.id)]

    door.clock.advance(days=31)
    await watches(door)
    assert await alerted()
    await answers(door, case, manager)
    await letter_went_out(door, case)
    assert not await alerted()
    await letter_came_back(door, case)
    assert await alerted()
    await answers(door, case, manager, posted_at=door.clock.now())
    assert not await alerted()


async def test_an_answered_complaint_takes_no_further_step(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    await answers(door, case, manager, posted_at=door.clock.now())
    door.clock.advance(days=60)

    assert await watches(door) == 0
    assert not (await case_of(door, case)).late(door.clock.now())
    with pytest.raises(ComplaintMovedOn):
        await answers(door, case, manager)


async def test_what_is_about_the_manager_goes_to_a_delegate_and_he_is_told_no_more_than_he_must_know(
    door: Door,
) -> None:
    """E84."""
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    case = (await complains(door, about_manager=True)).complaint
    door.clock.advance(days=30)
    await watches(door)

    assert (await case_of(door, case)).handler_id == admin.id
    assert await letters_to(door, manager) == []
    assert await letters_to(door, admin) == ["day_30"]
    with pytest.raises(AboutYou):
        await answers(door, case, manager)
    with pytest.raises(Invalid):
        await hand_on(case.id, manager.id, by=admin, db=door.db, clock=door.clock)


async def test_a_letter_by_post_was_received_when_it_reached_the_office(door: Door) -> None:
    """E82."""
    admin = await a_member(door, Role.PRIVACY)
    paper = Paper(
        channel="post",
        received_at=START - timedelta(days=6),
        written=WRITTEN,
        name="Bea Quince",
        postal="1 Main St., Los Angeles",
        scan=b"%PDF-",
    )
    given = {"by": admin, "opened_at": START - timedelta(days=90), "db": door.db, "vault": door.vault}
    lodged = await enter(paper, clock=door.clock, **given)

    assert lodged.complaint.days_left(START) == 24
    for received_at in (START + timedelta(hours=1), START - timedelta(days=91), None):
        with pytest.raises(Invalid) as refusal:
            await enter(Paper(**(vars(paper) | {"received_at": received_at})), clock=door.clock, **given)
        assert set(refusal.value.problems) == {"/received_at"}


async def test_what_is_not_resolved_opens_a_linked_case_with_thirty_days_of_its_own_once(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    with pytest.raises(ComplaintMovedOn):
        await not_resolved(case.id, WRITTEN, **given)
    await answers(door, case, manager, posted_at=door.clock.now())
    door.clock.advance(days=10)
    again = (await not_resolved(case.id, WRITTEN, **given)).complaint

    assert (again.previous_id, again.days_left(door.clock.now())) == (case.id, 30)
    with pytest.raises(ComplaintMovedOn):
        await not_resolved(case.id, WRITTEN, **given)


async def test_an_answer_by_e_mail_that_is_late_says_so_and_one_in_time_does_not(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    await answers(door, case, manager)
    async with door.db.snapshot() as tx:
        row = (await tx.execute(sa.select(task).where(task.c.arguments["kind"].astext == "complaint_answered"))).one()
    async with door.db.direct() as pg:
        message = await begin(pg, SendMail.parse(row.arguments), Held(row.id, row.topic, row.arguments, 1, row.id))
    assert message is not None

    async def said() -> tuple[bool, bool]:
        async with door.db.snapshot() as tx:
            letter = await compose(tx, message, vault=door.vault, public_url="https://shop.test", now=door.clock.now())
        assert letter is not None
        told = "You were to have this answer by the end of Wednesday, December 2, 2026" in " ".join(letter.text.split())
        return told, "Why is on the page below" in letter.html

    in_time = await said()
    door.clock.advance(days=40)
    late = await said()
    await explain(case.id, "We were ill.", by=manager, db=door.db, vault=door.vault, clock=door.clock)

    assert (in_time, late, await said()) == ((False, False), (True, False), (True, True))


async def test_a_breach_is_explained_once_and_stays_visible(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    given = {"by": manager, "db": door.db, "vault": door.vault, "clock": door.clock}
    with pytest.raises(ComplaintMovedOn):
        await explain(case.id, "We were ill.", **given)
    door.clock.advance(days=31)
    await explain(case.id, "We were ill.", **given)

    with pytest.raises(ComplaintMovedOn):
        await explain(case.id, "We were on holiday.", **given)
    assert (await case_of(door, case)).late(door.clock.now())


async def test_a_changed_ladder_holds_for_what_is_open(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint
    steps = [Step(day=2, tells=(Told.MANAGER,)), Step(day=BREACH_DAY, tells=(Told.MANAGER,))]
    await change_ladder(steps, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(days=2)
    await watches(door)

    assert await steps_of(door, case) == [("day_2", False)]
    assert await letters_to(door, manager) == ["day_2"]


async def test_while_the_ladder_changes_under_a_complaint_no_step_is_taken_twice_and_none_is_lost(door: Door) -> None:
    manager = await a_member(door, Role.MANAGER)
    case = (await complains(door)).complaint

    async def has(days: int, *then: int) -> None:
        """After so many days the steps before the last become these."""
        door.clock.advance(days=days)
        await watches(door)
        if then:
            steps = [Step(day=day, tells=(Told.MANAGER,)) for day in (*then, BREACH_DAY)]
            await change_ladder(steps, by=manager, db=door.db, clock=door.clock)
            await watches(door)

    await has(16, 15, 20)
    await has(6, 18, 20, 22)
    await has(7, 29)
    await has(0, 30)
    await has(3)

    taken = [step for step, _ in await steps_of(door, case)]
    assert taken == ["day_3", "day_15", "day_18", "day_20", "day_22", "day_29", "day_30", "breach", "breach_1"]
    assert await letters_to(door, manager) == ["day_15", "day_20", "day_22", "day_29", "breach_1"]


async def test_a_customer_is_found_by_the_address_and_nobody_is_told_so(door: Door) -> None:
    ana = (await door.signs_up()).customer_id
    lodged = await complains(door, email=EMAIL)

    assert (lodged.complaint.customer_id, lodged.complaint.correspondent_id) == (ana, None)


async def test_two_who_watch_at_once_take_each_step_once(door: Door) -> None:
    await a_member(door, Role.MANAGER)
    for number in range(5):
        await complains(door, email=f"p{number}@example.org")
    door.clock.advance(days=31)

    assert sum(await asyncio.gather(*(watches(door) for _ in range(4)))) == 5
    async with door.db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(complaint_step)) == 5 * 7
