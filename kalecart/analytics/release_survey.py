"""Release the answers to a closed survey, each question by itself (C6).

All its questions are paid for at once, out of the quarter in which it closes. Of what people typed only what so many
wrote that nobody stands alone is kept: a text that one person wrote is shown with a chance of one in ten million.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from kalecart import tasks
from kalecart.analytics import noise, reads_answers, reads_habits, store_releases
from kalecart.analytics import question as questions
from kalecart.analytics.answer import Answer
from kalecart.analytics.answer_question import Counted, EnvelopeClosed, Forgotten, answer_question, debit, keep, pay
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Question, SurveyQuestion
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import NotYet
from kalecart.ids import SurveyId
from kalecart.steps import step
from kalecart.surveys import reads as surveys
from kalecart.surveys import store as store_surveys
from kalecart.surveys.survey import KEPT, Kind, Survey, SurveyState
from kalecart.surveys.survey import Question as Asked

TRY_AGAIN: Final = timedelta(days=1)

log = structlog.get_logger()


class BudgetNotOpen(NotYet):
    """The budget of that quarter is not open yet."""


async def release_survey(survey_id: SurveyId, held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Doing it again tells the same and costs nothing; what a restore closed is not told.

    Raises BudgetNotOpen, Forgotten, and NotFound.
    """
    async with db.snapshot() as tx:
        survey = await surveys.survey_of(tx, survey_id)
        closed_at = await surveys.closed_at(tx, survey_id)
    if survey.state is SurveyState.CLOSED:
        assert closed_at is not None
        asked = _asked(survey)
        try:
            await _pay(asked, db=db, clock=clock)
            for each, question in zip(survey.questions, asked, strict=True):
                await _answer(survey, each, question, until=closed_at + KEPT, db=db, clock=clock)
        except EnvelopeClosed:
            log.warning("not_told_again", kind="survey")
    async with db.transaction() as tx:
        await store_surveys.move(tx, survey_id, SurveyState.RELEASED)
        await tasks.finish(tx, held, now=clock.now())


def _asked(survey: Survey) -> tuple[Question, ...]:
    asked = [
        SurveyQuestion(id=each.id, title=survey.title, words=each.words, answered=each.kind.value)
        for each in survey.questions
    ]
    return questions.survey(survey.id, asked, quarter=Quarter.parse(survey.quarter))


async def _pay(asked: tuple[Question, ...], *, db: Database, clock: Clock) -> None:
    try:
        await debit(asked, db=db, clock=clock)
    except ConstraintBroken as error:
        if error.constraint != store_releases.NO_ENVELOPE:
            raise
        # It was closed before the year of its last day began.
        raise BudgetNotOpen(asked[0].envelope_id, after=clock.now() + TRY_AGAIN) from None


async def _answer(
    survey: Survey, asked: Asked, question: Question, *, until: datetime, db: Database, clock: Clock
) -> None:
    if asked.kind is Kind.TEXT:
        await _answer_typed(survey, asked, question, until=until, db=db, clock=clock)
        return
    counted = Counted(
        keys=[(option,) for option in asked.options],
        each_max=1,
        count=lambda tx: reads_answers.answers(tx, survey.id, asked.id),
        until=until,
    )
    await answer_question(question, counted, db=db, clock=clock)


async def _answer_typed(
    survey: Survey, asked: Asked, question: Question, *, until: datetime, db: Database, clock: Clock
) -> None:
    paid, kept = await pay(question, db=db, clock=clock)
    if kept is not None:
        return
    if clock.now() >= until:
        raise Forgotten(question.key)
    mechanism = noise.threshold(microrho=paid.microrho, delta=paid.delta)
    async with db.snapshot() as tx:
        await reads_habits.make_room(tx)
        found = await reads_answers.answers(tx, survey.id, asked.id)
    step("release.answers_counted")
    drawn = mechanism.draw({text: people for (text,), people in found.items()})
    # In the order of the alphabet: the order in which they were found is that of the rows.
    answer = Answer(
        keys=[(text,) for text in sorted(drawn)],
        counts=[drawn[text] for text in sorted(drawn)],
        scale=mechanism.scale,
        within=mechanism.within,
        within_both=mechanism.within_both,
        each_max=1,
        threshold=mechanism.threshold,
    )
    await keep(paid, answer, db=db, clock=clock)
