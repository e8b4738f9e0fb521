"""All SQL that changes surveys, answers and reminders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.ids import CustomerId, QuestionId, StaffId, SurveyId, new_id
from kalecart.surveys.answers import Answered
from kalecart.surveys.survey import Survey, SurveyState, sources
from kalecart.surveys.tables import survey, survey_answer, survey_question, survey_reminder


async def keep_draft(tx: Tx, draft: Survey, *, composed_by: StaffId, now: datetime) -> bool:
    """Write a draft, or write over it with all its questions. False where it is a draft no longer."""
    facts = {
        "title": draft.title,
        "opens_on": draft.opens_on,
        "closes_on": draft.closes_on,
        "quarter": draft.quarter,
        "composed_by": composed_by,
        "composed_at": now,
    }
    kept = insert(survey).values(id=draft.id, **facts)
    kept = kept.on_conflict_do_update(
        index_elements=["id"], set_=facts, where=survey.c.state == SurveyState.DRAFT.value
    )
    if (await tx.execute(kept)).rowcount != 1:
        return False
    await tx.execute(sa.delete(survey_question).where(survey_question.c.survey_id == draft.id))
    rows = [
        {
            "id": question.id,
            "survey_id": draft.id,
            "position": position,
            "kind": question.kind,
            "words": question.words,
            "why": question.why,
            "choices": list(question.choices),
        }
        for position, question in enumerate(draft.questions, 1)
    ]
    await tx.execute(sa.insert(survey_question), rows)
    return True


async def move(tx: Tx, survey_id: SurveyId, state: SurveyState, *, closed_at: datetime | None = None) -> bool:
    """Take it to a state, once; False where that is not next."""
    mine = sa.update(survey).where(survey.c.id == survey_id, survey.c.state.in_(sources(state)))
    change = {"state": state.value} | ({"closed_at": closed_at} if closed_at else {})
    return (await tx.execute(mine.values(**change))).rowcount == 1


async def hold_open(tx: Tx, survey_id: SurveyId) -> SurveyState | None:
    """How far it is; nobody closes it until the transaction ends."""
    held = sa.select(survey.c.state).where(survey.c.id == survey_id).with_for_update(read=True)
    state = await tx.scalar(held)
    return SurveyState(state) if state else None


async def keep_answers(
    tx: Tx, pseudonym: UUID, answers: Sequence[Answered], *, untouched: Sequence[QuestionId]
) -> None:
    """In the place of what was answered before, but for what is `untouched`."""
    before = sa.delete(survey_answer).where(
        survey_answer.c.pseudonym == pseudonym, survey_answer.c.question_id.not_in(untouched)
    )
    await tx.execute(before)
    rows = [
        {"pseudonym": pseudonym, "question_id": each.question.id, "asked": each.question.words, "value": each.value}
        for each in answers
    ]
    if rows:
        await tx.execute(insert(survey_answer).on_conflict_do_nothing(), rows)


async def skip(tx: Tx, survey_id: SurveyId, customer_id: CustomerId, *, now: datetime) -> None:
    """No reminder any more. Whoever had theirs has nothing to skip."""
    row = {"id": new_id(), "survey_id": survey_id, "customer_id": customer_id, "why": "skipped", "made_at": now}
    await tx.execute(insert(survey_reminder).values(**row).on_conflict_do_nothing(constraint="survey_reminder_once"))


# Who agreed to be asked, is not being erased, has not answered, and was neither reminded nor has skipped it. What they
# agreed to is the latest line of the ledger.
_UNREMINDED: Final = sa.text("""
    SELECT customer.id FROM customer
     WHERE customer.email_sealed <> ''
       AND NOT EXISTS (SELECT FROM erasure WHERE erasure.customer_id = customer.id)
       AND (SELECT decision = 'given' FROM consent
             WHERE consent.customer_id = customer.id AND purpose = 'additional_information'
             ORDER BY decided_at DESC, decision DESC LIMIT 1)
       AND NOT EXISTS (SELECT FROM pseudonym
                        WHERE pseudonym.customer_id = customer.id AND period = 'survey:' || CAST(:survey AS uuid))
       AND NOT EXISTS (SELECT FROM survey_reminder
                        WHERE survey_reminder.customer_id = customer.id AND survey_id = CAST(:survey AS uuid))
     ORDER BY customer.id LIMIT :most
""").bindparams(sa.bindparam("survey", type_=sa.Uuid))


async def remind(tx: Tx, survey_id: SurveyId, *, most: int, now: datetime) -> Sequence[UUID]:
    """Write down that some are reminded, each once; returns the reminders."""
    found = (await tx.execute(_UNREMINDED, {"survey": survey_id, "most": most})).scalars().all()
    rows = [
        {"id": new_id(), "survey_id": survey_id, "customer_id": person, "why": "reminded", "made_at": now}
        for person in found
    ]
    if not rows:
        return []
    once = insert(survey_reminder).on_conflict_do_nothing(constraint="survey_reminder_once")
    return (await tx.execute(once.values(rows).returning(survey_reminder.c.id))).scalars().all()


async def drop_reminders(tx: Tx, survey_id: SurveyId) -> int:
    gone = sa.delete(survey_reminder).where(survey_reminder.c.survey_id == survey_id)
    return (await tx.execute(gone)).rowcount
