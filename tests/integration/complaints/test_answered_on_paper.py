"""An answer on paper is signed, printed, posted, and counts from then on; one that comes back is none (C13, E86)."""

from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.alerts import open_alerts
from kalecart.clock import known_on, shop_date
from kalecart.complaints import reads, reads_post
from kalecart.complaints.answer import OnPaper
from kalecart.complaints.complaint import Complaint, ComplaintMovedOn, Standing
from kalecart.complaints.explain import explain
from kalecart.complaints.hand_on import AboutYou
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.complaints.print_answer import print_answer
from kalecart.complaints.print_explanation import PRINTED, print_explanation
from kalecart.complaints.watch import watch_complaints
from kalecart.database import Database
from kalecart.errors import Forbidden, Invalid, NotFound, NotYet
from kalecart.privacy.erase import erase_person
from kalecart.privacy.subject import Person
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from tests.complaining import a_member, answers, case_of, letter_came_back, letter_went_out, on_paper, watches
from tests.complaining import complains as complains_on_the_web
from tests.pdf_text import text_of
from tests.people import Door

PAPER = OnPaper()


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


async def posts(door: Door, case: Complaint, by: StaffMember, **but: object) -> None:
    given = {"posted_at": door.clock.now(), "db": door.db} | but
    await post_answer(case.id, by=by, clock=door.clock, **given)  # ty: ignore[invalid-argument-type]


async def returns(door: Door, case: Complaint, by: StaffMember, db: Database | None = None) -> None:
    await answer_came_back(case.id, by=by, db=db or door.db, clock=door.clock)


async def letter(door: Door, case: Complaint, by: StaffMember) -> str:
    """With no space left in it: where lines end is the typesetter's."""
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    printed = await print_answer(case.id, public_url="https://shop.test", by=by, **given)
    assert printed.name == f"complaint-{case.number}-answer.pdf"
    return "".join(text_of(printed.content).split())


async def acts(door: Door, act: str) -> int:
    async with door.db.snapshot() as tx:
        counted = sa.text("SELECT count(*) FROM audit_entry WHERE act = :act").bindparams(act=act)
        return int(await tx.scalar(counted) or 0)


async def to_post(door: Door) -> int:
    async with door.db.snapshot() as tx:
        return await reads_post.to_post(tx)


async def test_the_letter_says_what_was_found_the_steps_the_remedies_and_how_to_say_that_it_is_not_resolved(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    with pytest.raises(NotFound):
        await letter(door, case, manager)
    await answers(door, case, manager, on_paper=PAPER)
    async with door.db.snapshot() as tx:
        code = await reads.code_of(tx, case, door.vault)
    said = await letter(door, case, manager)

    told = ["Bea Quince", "1 Main St.", "Los Angeles, CA 90012", f"Our answer to your complaint {case.number}", code]
    told += ["by post on Saturday, October 31, 2026", "My address was read out loud at my", "Monday, November 2, 2026"]
    told += ["The driver read the label out.", "Labels show a number only.", "If this does not resolve it"]
    told += ["Ryan Matteson, KaleCart, LLC, 460 S. Spring St. #913, Los Angeles, CA 90013", "ryan@kalecart.com"]
    told += [f"give the number {case.number}", "thirty days of its own", "California Privacy Protection Agency"]
    told += ["Attorney General of California", "P.O. Box 944255", "go to court", "https://shop.test/complaints/look"]
    assert [each for each in told if "".join(each.split()) not in said] == []
    assert ("Thisanswerislate" in said, "RyanMattesonKaleCart,LLC" in said) == (False, True)
    assert await acts(door, "answer_printed") == 1


async def test_it_counts_from_the_day_it_was_posted_and_until_then_its_thirty_days_go_on(
    door: Door, manager: StaffMember, as_web: Database
) -> None:
    case = await on_paper(door, manager)
    with pytest.raises(ComplaintMovedOn):
        await posts(door, case, manager)
    await answers(door, case, manager, on_paper=PAPER)
    signed = door.clock.now()
    waiting = await case_of(door, case)
    door.clock.advance(days=2)
    for never in (signed - timedelta(days=1), door.clock.now() + timedelta(minutes=1), None):
        with pytest.raises(Invalid) as refusal:
            await posts(door, case, manager, posted_at=never)
        assert set(refusal.value.problems) == {"/posted_at"}
    # Of the day on which it was signed nobody knows the hour, and before that there was nothing to post.
    await posts(door, case, manager, posted_at=known_on(shop_date(signed), door.clock.now()), db=as_web)
    done = await case_of(door, case)

    assert (waiting.open, waiting.to_post) == (True, True)
    assert (done.answered_at, done.standing(door.clock.now()), done.to_post) == (signed, Standing.ANSWERED, False)
    with pytest.raises(ComplaintMovedOn):
        await posts(door, case, manager)
    with pytest.raises(NotFound):
        await letter(door, case, manager)
    assert (await acts(door, "answer_posted"), await to_post(door)) == (1, 0)
    async with door.db.snapshot() as tx:
        letters = await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == "send_mail"))
        opened = await reads.opened(tx, done, door.vault)
    assert letters == 0
    assert [event.at for event in opened.timeline if event.what == "answered"] == [signed]


async def test_an_answer_on_paper_that_nobody_posts_is_told_to_the_manager_breaches_and_says_so_in_its_letter(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    await answers(door, case, manager, on_paper=PAPER)
    door.clock.advance(days=40)
    await watches(door)
    late = await case_of(door, case)
    assert (late.standing(door.clock.now()), late.late(door.clock.now())) == (Standing.BREACHED, True)
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    await explain(case.id, "It lay under other papers.", by=manager, **given)

    said = await letter(door, case, manager)

    assert "Thisanswerislate" in said
    assert "bytheendofMonday,November30,2026" in said
    assert "Itlayunderotherpapers." in said
    await posts(door, case, manager)
    assert (await case_of(door, case)).late(door.clock.now())


async def test_why_it_was_late_is_printed_for_whoever_got_the_answer_by_post_before_that_was_written_down(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    door.clock.advance(days=40)
    await answers(door, case, manager, on_paper=PAPER)
    await posts(door, case, manager)
    with pytest.raises(NotFound):
        await print_explanation(case.id, public_url="https://shop.test", by=manager, **given)
    door.clock.advance(days=2)
    await explain(case.id, "It lay under other papers.\nWe count them now.", by=manager, **given)

    printed = await print_explanation(case.id, public_url="https://shop.test", by=manager, **given)

    said = "".join(text_of(printed.content).split())
    told = ["Bea Quince", "1 Main St.", f"Why our answer to your complaint {case.number} was late", "November 30, 2026"]
    told += ["We posted it on Saturday, December 12, 2026", "It lay under other papers.", "We count them now."]
    assert [each for each in told if "".join(each.split()) not in said] == []
    assert (printed.name, await acts(door, PRINTED)) == (f"complaint-{case.number}-explanation.pdf", 1)
    await returns(door, case, manager)
    with pytest.raises(NotFound):
        await print_explanation(case.id, public_url="https://shop.test", by=manager, **given)


async def test_an_answer_on_paper_that_says_why_it_is_late_needs_no_second_letter(
    door: Door, manager: StaffMember
) -> None:
    case = await on_paper(door, manager)
    given = {"db": door.db, "vault": door.vault, "clock": door.clock}
    door.clock.advance(days=40)
    await explain(case.id, "It lay under other papers.", by=manager, **given)
    door.clock.advance(days=1)
    await answers(door, case, manager, on_paper=PAPER)
    await posts(door, case, manager)

    with pytest.raises(NotFound):
        await print_explanation(case.id, public_url="https://shop.test", by=manager, **given)
    assert await acts(door, PRINTED) == 0


async def test_what_is_signed_and_not_posted_within_three_days_raises_an_alert_until_it_is(
    door: Door, manager: StaffMember, as_privacy: Database
) -> None:
    case = await on_paper(door, manager)
    await answers(door, case, manager, on_paper=PAPER)

    async def alerted() -> set[str]:
        await watch_complaints(None, db=as_privacy, clock=door.clock)
        async with door.db.direct() as pg:
            return set(await open_alerts(pg, "answer_unposted"))

    door.clock.advance(days=2)
    assert await alerted() == set()
    door.clock.advance(days=1)
    assert await alerted() == {str(case.id)}
    await posts(door, case, manager)
    async with door.db.direct() as pg:
        kinds = ("answer_unposted", "acknowledgement_unposted")
        assert [await open_alerts(pg, kind) for kind in kinds] == [[], []]
    assert await alerted() == set()


async def test_a_second_answer_takes_the_place_of_one_that_was_never_posted(door: Door, manager: StaffMember) -> None:
    case = await on_paper(door, manager)
    await answers(door, case, manager, on_paper=PAPER)
    door.clock.advance(hours=1)
    await answers(door, case, manager, on_paper=OnPaper(postal="9 New Rd.\nPasadena, CA 91101"))
    assert await to_post(door) == 1
    assert "9NewRd." in await letter(door, case, manager)
    await posts(door, case, manager)
    async with door.db.snapshot() as tx:
        sent = list(await tx.scalars(sa.text("SELECT sent_at FROM complaint_answer ORDER BY signed_at")))

    assert sent == [None, door.clock.now()]
    assert await to_post(door) == 0


async def test_an_answer_that_the_post_brings_back_is_none_and_goes_to_another_address(
    door: Door, manager: StaffMember, as_web: Database
) -> None:
    """E86."""
    case = await on_paper(door, manager)
    await answers(door, case, manager, on_paper=PAPER)
    with pytest.raises(ComplaintMovedOn):
        await returns(door, case, manager)
    await posts(door, case, manager)
    door.clock.advance(days=5)
    await returns(door, case, manager, as_web)
    back = await case_of(door, case)
    with pytest.raises(ComplaintMovedOn):
        await returns(door, case, manager)

    async def unreached() -> list[str]:
        async with door.db.direct() as pg:
            return list(await open_alerts(pg, "complaint_unreached"))

    assert (back.open, back.due_at, await unreached()) == (True, case.due_at, [str(case.id)])
    await answers(door, case, manager, on_paper=OnPaper(postal="9 New Rd.\nPasadena, CA 91101"))
    said = await letter(door, case, manager)
    assert ("9NewRd." in said, "1MainSt." in said) == (True, False)
    await posts(door, case, manager)
    assert ((await case_of(door, case)).open, await unreached()) == (False, [])


async def test_whose_mail_comes_back_is_answered_on_paper_at_the_address_they_have_or_are_asked_for(
    door: Door, manager: StaffMember
) -> None:
    stranger = (await complains_on_the_web(door)).complaint
    await answers(door, stranger, manager)
    await letter_went_out(door, stranger)
    await letter_came_back(door, stranger)
    door.clock.advance(hours=1)
    with pytest.raises(Invalid) as refusal:
        await answers(door, stranger, manager, on_paper=PAPER)
    assert set(refusal.value.problems) == {"/postal"}
    await answers(door, stranger, manager, on_paper=OnPaper(postal="2 Elm St.\nLos Angeles, CA 90012"))
    customer = (await door.signs_up()).customer_id
    theirs = (await complains_on_the_web(door, customer_id=customer)).complaint
    await answers(door, theirs, manager, on_paper=PAPER)

    assert "2ElmSt." in await letter(door, stranger, manager)
    assert "onourwebsite" in await letter(door, theirs, manager)
    async with door.db.snapshot() as tx:
        assert "Los Angeles" in await reads.postal_of(tx, await reads.find(tx, theirs.id), door.vault)


async def test_whoever_is_being_erased_is_asked_where_a_letter_goes_and_what_was_posted_counts(
    door: Door, manager: StaffMember
) -> None:
    """E86, E63."""
    customer = (await door.signs_up()).customer_id
    case = (await complains_on_the_web(door, customer_id=customer)).complaint
    with pytest.raises(NotYet):
        await erase_person(Person.customer(customer), None, db=door.db, clock=door.clock)
    door.clock.advance(hours=2)
    await erase_person(Person.customer(customer), None, db=door.db, clock=door.clock)

    with pytest.raises(Invalid) as refusal:
        await answers(door, case, manager, on_paper=PAPER)
    await answers(door, case, manager, on_paper=OnPaper(posted_at=door.clock.now()))

    assert set(refusal.value.problems) == {"/postal"}
    assert not (await case_of(door, case)).open


async def test_on_the_day_of_receipt_an_answer_was_posted_after_it_reached_us(door: Door, manager: StaffMember) -> None:
    """Somebody says only the day, of days gone by its beginning."""
    case = await on_paper(door, manager)
    day_of_receipt = known_on(shop_date(case.received_at), door.clock.now())
    assert day_of_receipt < case.received_at
    with pytest.raises(Invalid):
        await answers(door, case, manager, posted_at=day_of_receipt - timedelta(seconds=1))
    await answers(door, case, manager, posted_at=day_of_receipt)

    assert (await case_of(door, case)).answered_at == case.received_at


async def test_whom_it_is_about_and_whoever_is_not_designated_neither_print_nor_post_it(
    door: Door, manager: StaffMember
) -> None:
    """E84."""
    admin, orders = await a_member(door, Role.PRIVACY), await a_member(door, Role.ORDERS)
    case = await on_paper(door, admin, about_manager=True)
    await answers(door, case, admin, on_paper=PAPER)
    for who, refused in ((manager, AboutYou), (orders, Forbidden)):
        for act in (letter(door, case, who), posts(door, case, who), returns(door, case, who)):
            with pytest.raises(refused):
                await act

    said = await letter(door, case, admin)
    assert await acts(door, "answer_printed") == 1
    assert "Matteson" not in said
    assert "WritetoKaleCart,LLC,460S.SpringSt." in said
