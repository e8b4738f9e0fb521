"""What is asked, what a person answered, and what there is to release: for pages and for those who count."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, QuestionId, SurveyId
from kalecart.surveys.survey import Kind, Question, Survey, SurveyState
from kalecart.surveys.tables import survey, survey_question, survey_reminder


@dataclass(frozen=True, kw_only=True)
class Mine:
    """A survey as one person stands to it. `answers` are by question, as they are kept; `skipped` asks no more."""

    survey: Survey
    answers: Mapping[QuestionId, str]
    skipped: bool

    @property
    def answered(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A survey as staff see it. Whether anybody answered is a figure too, and one person would turn it: it is told with
    noise, or not at all."""

    survey: Survey
    composed_at: datetime
    closed_at: datetime | None


async def survey_of(tx: Tx, survey_id: SurveyId) -> Survey:
    """One survey, whatever its state. Raises NotFound."""
    found = await _surveys(tx, survey.c.id == survey_id)
    if not found:
        raise NotFound("There is no such survey.")
    return found[0]


async def closed_at(tx: Tx, survey_id: SurveyId) -> datetime | None:
    """From when its answers are kept for a while, and no longer."""
    return await tx.scalar(sa.select(survey.c.closed_at).where(survey.c.id == survey_id))


async def running(tx: Tx) -> Sequence[Survey]:
    """Those staff opened and nobody has closed yet, whether their day has come or not."""
    return await _surveys(tx, survey.c.state == SurveyState.OPEN.value)


async def forgettable(tx: Tx, *, closed_before: datetime) -> Sequence[SurveyId]:
    """Surveys whose answers and reminders are kept no longer, as long as there are some."""
    found = sa.text("""
        SELECT id FROM survey
         WHERE closed_at < :before
           AND (EXISTS (SELECT FROM pseudonym WHERE period = 'survey:' || survey.id)
                OR EXISTS (SELECT FROM survey_reminder WHERE survey_id = survey.id))
    """).bindparams(sa.bindparam("before", closed_before, sa.DateTime(timezone=True)))
    return [SurveyId(row) for row in (await tx.execute(found)).scalars()]


async def mine(tx: Tx, customer_id: CustomerId, *, today: date) -> Sequence[Mine]:
    """What can be answered now, and what they answered before and is still kept; the latest first."""
    answers = await _answers(tx, customer_id)
    skipped = await _skipped(tx, customer_id)
    asked = survey.c.state == SurveyState.OPEN.value
    found = await _surveys(tx, sa.or_(asked, survey.c.id.in_(list(answers))))
    return [
        Mine(survey=each, answers=answers.get(each.id, {}), skipped=each.id in skipped)
        for each in found
        if each.id in answers or each.takes_answers(today)
    ]


async def mine_of(tx: Tx, customer_id: CustomerId, survey_id: SurveyId, *, today: date) -> Mine:
    """One of them. Raises NotFound for one that was never asked, or is over and was not answered."""
    for each in await mine(tx, customer_id, today=today):
        if each.survey.id == survey_id:
            return each
    raise NotFound("There is no such survey, or it is over.")


async def leaving(tx: Tx, customer_id: CustomerId) -> bool:
    """Whether they asked to be erased: what they sent before and arrives now is not kept."""
    begun = sa.text("SELECT EXISTS (SELECT FROM erasure WHERE customer_id = :customer)")
    return bool(await tx.scalar(begun.bindparams(sa.bindparam("customer", customer_id, sa.Uuid))))


async def composed(tx: Tx, *, most: int) -> Sequence[Composed]:
    """For the console, the latest first."""
    return await _composed(tx, sa.true(), most=most)


async def composed_of(tx: Tx, survey_id: SurveyId) -> Composed:
    """Raises NotFound."""
    found = await _composed(tx, survey.c.id == survey_id, most=1)
    if not found:
        raise NotFound("There is no such survey.")
    return found[0]


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """What a letter says of a survey that somebody has not answered; made only while there is something to answer."""

    title: str
    last_day: date


async def reminder(tx: Tx, reminder_id: UUID, *, today: date) -> Reminder | None:
    """None where they answered, withdrew or asked to be erased since, or it is over."""
    rows = await tx.execute(_REMINDER, {"reminder": reminder_id, "today": today})
    row = rows.one_or_none()
    return Reminder(title=row.title, last_day=row.closes_on) if row else None


_REMINDER: Final = sa.text("""
    SELECT survey.title, survey.closes_on
      FROM survey_reminder AS reminder JOIN survey ON survey.id = reminder.survey_id
     WHERE reminder.id = :reminder AND reminder.why = 'reminded'
       AND survey.state = 'open' AND survey.closes_on >= :today
       AND NOT EXISTS (SELECT FROM pseudonym
                        WHERE pseudonym.customer_id = reminder.customer_id AND period = 'survey:' || survey.id)
       AND NOT EXISTS (SELECT FROM erasure WHERE erasure.customer_id = reminder.customer_id)
       AND (SELECT decision = 'given' FROM consent
             WHERE consent.customer_id = reminder.customer_id AND purpose = 'additional_information'
             ORDER BY decided_at DESC, decision DESC LIMIT 1)
""").bindparams(sa.bindparam("reminder", type_=sa.Uuid), sa.bindparam("today", type_=sa.Date))

_ANSWERS: Final = sa.text("""
    SELECT survey_question.survey_id, survey_answer.question_id, survey_answer.value
      FROM pseudonym
      JOIN survey_answer ON survey_answer.pseudonym = pseudonym.id
      JOIN survey_question ON survey_question.id = survey_answer.question_id
     WHERE pseudonym.customer_id = :customer AND pseudonym.purpose = 'additional_information'
""").bindparams(sa.bindparam("customer", type_=sa.Uuid))


async def _answers(tx: Tx, customer_id: CustomerId) -> Mapping[SurveyId, Mapping[QuestionId, str]]:
    found: dict[SurveyId, dict[QuestionId, str]] = defaultdict(dict)
    for row in await tx.execute(_ANSWERS, {"customer": customer_id}):
        found[row.survey_id][row.question_id] = row.value
    return found


async def _skipped(tx: Tx, customer_id: CustomerId) -> set[SurveyId]:
    said = survey_reminder.c.customer_id == customer_id, survey_reminder.c.why == "skipped"
    return set((await tx.execute(sa.select(survey_reminder.c.survey_id).where(*said))).scalars())


async def _composed(tx: Tx, which: sa.ColumnElement[bool], *, most: int) -> Sequence[Composed]:
    found = await _surveys(tx, which, most=most)
    ids = [each.id for each in found]
    about = {
        row.id: row
        for row in await tx.execute(
            sa.select(survey.c.id, survey.c.composed_at, survey.c.closed_at).where(survey.c.id.in_(ids))
        )
    }
    return [
        Composed(
            survey=each,
            composed_at=about[each.id].composed_at,
            closed_at=about[each.id].closed_at,
        )
        for each in found
    ]


async def _surveys(tx: Tx, which: sa.ColumnElement[bool], *, most: int | None = None) -> list[Survey]:
    rows = (await tx.execute(sa.select(survey).where(which).order_by(survey.c.id.desc()).limit(most))).all()
    asked = sa.select(survey_question).where(survey_question.c.survey_id.in_([row.id for row in rows]))
    questions: dict[SurveyId, list[Question]] = defaultdict(list)
    for row in await tx.execute(asked.order_by(survey_question.c.position)):
        questions[row.survey_id].append(
            Question(
                id=QuestionId(row.id), kind=Kind(row.kind), words=row.words, why=row.why, choices=tuple(row.choices)
            )
        )
    return [
        Survey(
            id=SurveyId(row.id),
            title=row.title,
            state=SurveyState(row.state),
            opens_on=row.opens_on,
            closes_on=row.closes_on,
            questions=tuple(questions[row.id]),
        )
        for row in rows
    ]
