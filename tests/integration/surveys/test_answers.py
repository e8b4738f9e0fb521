"""Answering is voluntary, under a number of its own, by consent, and taken back at any time (C6)."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
import sqlalchemy as sa

from kalecart.consent.honour import honour_signal
from kalecart.errors import Invalid, NotFound
from kalecart.grants import MATRIX, ROLES
from kalecart.ids import CustomerId, SurveyId, new_id
from kalecart.staff.member import RoleForbids
from kalecart.staff.rights import Role
from kalecart.surveys.answer import SurveyOver
from kalecart.surveys.close import SurveyNotOpen, close_survey
from kalecart.surveys.compose import SurveyUnderway
from kalecart.surveys.open import QuarterTaken, open_survey
from kalecart.surveys.survey import SurveyState
from kalecart.surveys.withdraw import skip_survey, withdraw_answers
from tests.integration.surveys.conftest import QUESTIONS, Asking


async def test_answers_are_kept_under_a_number_that_is_not_the_customers_and_nobody_who_counts_reads_whose(
    asking: Asking,
) -> None:
    await asking.open()
    person = await asking.person()
    await asking.answer(person, "Daily", " Okra ")
    await asking.close()

    assert await asking.seen() == [("0", "Daily"), ("1", "okra")]
    async with asking.db.snapshot() as tx:
        rows = (await tx.execute(sa.text("SELECT survey_answer::text FROM survey_answer"))).scalars().all()
        numbers = (await tx.execute(sa.text("SELECT id FROM pseudonym"))).scalars().all()
    assert len(rows) == 2
    assert not any(str(person) in row for row in rows)
    assert [number.version for number in numbers] == [4], "a random number says nothing about when it was made"
    counter = ROLES.index("kale_analytics")
    assert [MATRIX[table][counter] for table in ("survey_answer", "pseudonym", "survey_reminder", "consent")] == [
        ""
    ] * 4


async def test_whoever_counts_sees_nothing_before_the_survey_is_closed(asking: Asking) -> None:
    await asking.open()
    await asking.answer(await asking.person(), "Daily")

    assert await asking.seen() == []


async def test_consent_is_asked_on_the_same_page_and_without_it_nothing_is_kept(asking: Asking) -> None:
    await asking.open()
    person = await asking.person(agrees=False)

    with pytest.raises(Invalid) as refused:
        await asking.answer(person, "Daily")
    assert refused.value.problems.keys() == {"/agrees"}
    assert await asking.kept(person) == []

    await asking.answer(person, "Daily", agrees=True)
    await asking.answer(person, "Hardly ever", "okra")
    assert await asking.kept(person) == ["Hardly ever", "okra"]
    async with asking.db.snapshot() as tx:
        ledger = sa.text("SELECT source, decision FROM consent WHERE purpose = 'additional_information'")
        assert [tuple(row) for row in await tx.execute(ledger)] == [("account_page", "given")]


async def test_withdrawing_the_consent_deletes_the_answers_at_once(asking: Asking) -> None:
    await asking.open()
    mine, other = await asking.person(), await asking.person()
    for person in (mine, other):
        await asking.answer(person, "Daily", "okra", "yes")

    await asking.decide(mine, given=False)
    assert (await asking.kept(mine), len(await asking.kept(other))) == ([], 3)
    await asking.decide(mine, given=True)
    assert await asking.kept(mine) == []

    await honour_signal(other, db=asking.web, clock=asking.clock)
    async with asking.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM survey_answer")) == 0


async def test_answering_and_withdrawing_the_consent_at_once_never_leaves_answers_without_consent(
    asking: Asking,
) -> None:
    await asking.open()
    people = [await asking.person() for _ in range(6)]

    async def answers(person: CustomerId) -> None:
        with suppress(Invalid):
            await asking.answer(person, "Daily", "okra", "yes")

    acts = [act for person in people for act in (answers(person), asking.decide(person, given=False), answers(person))]
    await asyncio.gather(*acts)

    assert [await asking.kept(person) for person in people] == [[]] * 6


async def test_sending_the_same_answers_twice_at_once_keeps_them_once(asking: Asking) -> None:
    await asking.open()
    person = await asking.person()

    await asyncio.gather(*(asking.answer(person, "Daily", "okra") for _ in range(4)))

    assert await asking.kept(person) == ["Daily", "okra"]


async def test_answers_are_withdrawn_at_any_time_and_released_figures_stand(asking: Asking) -> None:
    """E65."""
    await asking.open()
    person = await asking.person()
    await asking.answer(person, "Daily")

    assert not await withdraw_answers(asking.survey_id, customer_id=person, db=asking.web, clock=asking.clock)
    assert await asking.kept(person) == []
    await asking.answer(person, "Daily")
    await asking.close()
    async with asking.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE survey SET state = 'released'"))

    assert await withdraw_answers(asking.survey_id, customer_id=person, db=asking.web, clock=asking.clock)
    assert await asking.kept(person) == []
    assert (await asking.survey()).state is SurveyState.RELEASED


async def test_a_sensitive_answer_is_drawn_once_and_the_true_one_is_kept_nowhere(asking: Asking) -> None:
    await asking.open()
    people = [await asking.person() for _ in range(60)]
    for person in people:
        await asking.answer(person, "", "", "yes")
    first = [await asking.kept(person) for person in people]
    for person in people:
        await asking.answer(person, "Daily", "", "yes")
    again = [(await asking.kept(person))[-1:] for person in people]

    assert first == again, "drawn anew, the draws of one person would tell the truth"
    # All of sixty kept as they were, or no more than a third: each once in ten million runs.
    assert 20 < first.count(["yes"]) < 60
    async with asking.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM task")) == 0


async def test_skipping_every_question_keeps_nothing_and_is_not_asked_about_again(asking: Asking) -> None:
    """E48."""
    await asking.open()
    empty, said = await asking.person(), await asking.person()
    await asking.answer(empty, "", "", "")
    await skip_survey(asking.survey_id, customer_id=said, db=asking.web, clock=asking.clock)

    asking.clock.advance(days=8)
    await asking.tend()

    assert (await asking.kept(empty), await asking.kept(said), await asking.letters()) == ([], [], 0)


async def test_who_skips_the_survey_is_reminded_at_most_once_and_only_after_they_agreed_to_be_asked(
    asking: Asking,
) -> None:
    """E48."""
    await asking.open()
    await asking.person()
    await asking.person(agrees=False)
    await asking.answer(await asking.person(), "Daily")
    withdrawn = await asking.person()
    await asking.decide(withdrawn, given=False)

    took_back = await asking.person()
    await asking.answer(took_back, "Daily")
    await withdraw_answers(asking.survey_id, customer_id=took_back, db=asking.web, clock=asking.clock)

    counted = []
    for days in (5, 3, 1, 4, 30):
        asking.clock.advance(days=days)
        await asking.tend()
        await asking.tend()
        counted.append(await asking.letters())

    assert counted == [0, 1, 1, 1, 1]


async def test_it_closes_by_itself_once_and_takes_no_answers_before_or_after(asking: Asking) -> None:
    await asking.compose(days=3)
    person = await asking.person()
    with pytest.raises(NotFound):
        await asking.answer(person, "Daily")
    await open_survey(asking.survey_id, by=asking.composer, db=asking.web, clock=asking.clock)
    await asking.answer(person, "Daily")
    asking.clock.advance(days=3)

    with pytest.raises(SurveyOver):
        await asking.answer(person, "Hardly ever")
    await asking.tend()
    await asking.tend()

    assert (await asking.survey()).state is SurveyState.CLOSED
    with pytest.raises(SurveyNotOpen):
        await close_survey(asking.survey_id, by=asking.composer, db=asking.web, clock=asking.clock)
    async with asking.db.snapshot() as tx:
        acts = "SELECT act FROM audit_entry WHERE subject_kind = 'survey' ORDER BY at, id"
        assert list(await tx.scalars(sa.text(acts))) == ["survey_composed", "survey_opened", "survey_closed"]


async def test_what_people_are_asked_does_not_change_while_they_answer(asking: Asking) -> None:
    await asking.compose()
    await asking.open(questions=QUESTIONS[:1])

    with pytest.raises(SurveyUnderway):
        await asking.compose(title="Something else")
    with pytest.raises(SurveyUnderway):
        await open_survey(asking.survey_id, by=asking.composer, db=asking.web, clock=asking.clock)
    survey = await asking.survey()
    assert (survey.title, len(survey.questions)) == ("How you cook", 1)


async def test_a_quarter_has_one_survey(asking: Asking) -> None:
    await asking.open()
    second = await asking.compose(id=SurveyId(new_id()))

    with pytest.raises(QuarterTaken):
        await open_survey(second, by=asking.composer, db=asking.web, clock=asking.clock)


async def test_only_who_may_compose_composes_opens_and_closes(asking: Asking) -> None:
    await asking.compose()
    asking.composer = replace(asking.composer, role=Role.ORDERS)

    with pytest.raises(RoleForbids):
        await asking.compose()
    with pytest.raises(RoleForbids):
        await open_survey(asking.survey_id, by=asking.composer, db=asking.web, clock=asking.clock)
    with pytest.raises(RoleForbids):
        await close_survey(asking.survey_id, by=asking.composer, db=asking.web, clock=asking.clock)


async def test_answers_and_reminders_are_deleted_sixty_days_after_the_survey_closed(asking: Asking) -> None:
    await asking.open()
    await asking.answer(await asking.person(), "Daily")
    await asking.person()
    asking.clock.advance(days=8)
    await asking.tend()
    asking.clock.advance(days=7)
    await asking.tend()
    held = sa.text("SELECT (SELECT count(*) FROM survey_answer), (SELECT count(*) FROM survey_reminder)")

    found = []
    for days in (60, 1):
        asking.clock.advance(days=days)
        await asking.tend()
        async with asking.db.snapshot() as tx:
            found.append(tuple((await tx.execute(held)).one()))

    assert found == [(1, 1), (0, 0)]
