"""All SQL that counts answers to surveys, of people who agree to it now: whole numbers, which only what draws noise
holds. A person answers a question once, so they add one to one count at most.
"""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from kalecart.analytics.answer import Key
from kalecart.database import Tx
from kalecart.ids import QuestionId, SurveyId

_ANSWERS: Final = sa.text("""
    SELECT answer, count(DISTINCT pseudonym) AS people
      FROM answer_seen WHERE survey = :survey AND question = :question GROUP BY answer
""").bindparams(sa.bindparam("survey", type_=sa.Uuid), sa.bindparam("question", type_=sa.Uuid))


async def answers(tx: Tx, survey_id: SurveyId, question_id: QuestionId) -> Mapping[Key, int]:
    """By answer, as it was kept."""
    rows = await tx.execute(_ANSWERS, {"survey": survey_id, "question": question_id})
    return {(row.answer,): row.people for row in rows}
