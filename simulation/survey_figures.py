"""Surveys after a year: what is kept and released, held against what people said and did not take back (C6)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kalecart.analytics.answer import Answer
from kalecart.database import Tx
from kalecart.ids import QuestionId
from kalecart.surveys.survey import KEPT, Kind, Survey
from simulation.clock import midnight
from simulation.told import BY_CHANCE, Ended, Told, holding

# Noise is further off than so many of its standard deviations once in a million of millions of counts.
DEVIATIONS_MAX: Final = 8
# Figures of a survey are out so long after it closed, whoever was down; old answers are deleted by a daily job.
OUT_WITHIN: Final = timedelta(days=4)

_ENDED: Final = """
    SELECT customer_id, decided_at AS at FROM consent
     WHERE purpose = 'additional_information' AND decision = 'withdrawn'
     UNION ALL SELECT customer_id, begun_at FROM erasure WHERE customer_id IS NOT NULL
"""
_ANSWERS: Final = """
    SELECT a.question_id, a.value, q.kind, count(*) AS people
      FROM survey_answer AS a JOIN survey_question AS q ON q.id = a.question_id
     WHERE q.survey_id = :survey GROUP BY 1, 2, 3
"""
_SURVEYS: Final = "SELECT id, state, quarter, closed_at FROM survey WHERE state <> 'draft'"
_RELEASES: Final = """
    SELECT r.key, r.period, r.question ->> 'survey' AS survey, r.question ->> 'question' AS question, a.answer,
           a.answered_at
      FROM release AS r LEFT JOIN release_answer AS a ON a.key = r.key WHERE r.kind = 'survey'
"""


async def kept_wrongly(tx: Tx, survey: Survey, told: Sequence[Told], *, now: datetime) -> Sequence[str]:
    """Where what lies in the database is not what holds of what people said."""
    expected = holding(survey, told, await _ended(tx), now=now)
    kept: dict[QuestionId, Counter[str]] = {question.id: Counter() for question in survey.questions}
    for row in await tx.execute(sa.text(_ANSWERS), {"survey": survey.id}):
        said = BY_CHANCE if row.kind == Kind.SENSITIVE else row.value
        kept[QuestionId(row.question_id)][said] += row.people
    return [
        f"“{question.words}” of {survey.opens_on} has {dict(kept[question.id])} for {dict(expected[question.id])}"
        for question in survey.questions
        if kept[question.id] != expected[question.id]
    ]


async def told_rightly(
    tx: Tx, opened: Sequence[Survey], told: Sequence[Told], *, now: datetime
) -> tuple[str, Sequence[str]]:
    """How much there was to look at, and what is wrong with it."""
    rows = {row.id: row for row in await tx.execute(sa.text(_SURVEYS))}
    released: dict[str, list[Any]] = {}
    for row in await tx.execute(sa.text(_RELEASES)):
        released.setdefault(row.survey, []).append(row)
    ended, broken = await _ended(tx), []
    strange = {key for key in released if key not in {str(survey.id) for survey in opened}}
    broken += [f"figures are out of survey {key}, which nobody opened" for key in sorted(strange)]
    broken += [f"{survey.quarter}: is on no record" for survey in opened if survey.id not in rows]
    for survey in [each for each in opened if each.id in rows]:
        found = released.get(str(survey.id), [])
        broken += [f"{survey.quarter}: {what}" for what in _wrong(survey, rows[survey.id], found, now)]
        broken += [
            f"{survey.quarter}: {what}"
            for row in found
            if row.answer is not None
            for what in _far_off(row, holding(survey, told, ended, now=row.answered_at))
        ]
        closed_at = rows[survey.id].closed_at
        if closed_at is None or now < closed_at + KEPT:
            broken += await kept_wrongly(tx, survey, told, now=now)
        elif now > closed_at + KEPT + OUT_WITHIN and (await tx.execute(sa.text(_ANSWERS), {"survey": survey.id})).all():
            broken.append(f"{survey.quarter}: answers are kept too long")
    quarters = Counter(row.quarter for row in rows.values())
    broken += [f"{many} surveys in {quarter}" for quarter, many in quarters.items() if many > 1]
    out = sum(row.state == "released" for row in rows.values())
    back = sum(not each.answers for each in told)
    return f"{len(opened)} surveys, {out} released, {len(told) - back} answers, {back} taken back", broken


async def _ended(tx: Tx) -> Sequence[Ended]:
    return [Ended(at=row.at, customer_id=row.customer_id) for row in await tx.execute(sa.text(_ENDED))]


def _wrong(survey: Survey, row: Any, released: Sequence[Any], now: datetime) -> Iterable[str]:
    if row.state == "open" and now > _over(survey) + OUT_WITHIN:
        yield "is over and not closed"
    if row.state == "closed" and now > row.closed_at + OUT_WITHIN:
        yield "is closed and its figures are not out"
    if row.state == "released" and len(released) != len(survey.questions):
        yield f"has {len(released)} figures of {len(survey.questions)} questions"
    if released and row.state == "open":
        yield "was released before it was over"
    yield from (f"{each.key} was paid for and not answered" for each in released if each.answer is None)


def _over(survey: Survey) -> datetime:
    return midnight(survey.closes_on + timedelta(days=1))


def _far_off(row: Any, said: Mapping[QuestionId, Counter[str]]) -> Iterable[str]:
    """Figures that no noise explains: somebody was counted who said nothing, or took it back."""
    answer = Answer.from_json(row.answer)
    counted = next(found for question, found in said.items() if str(question) == row.question)
    # Of a sensitive question chance turns a quarter of the answers round: what it left is between none and all.
    people = counted.get(BY_CHANCE)
    for (option,), count in zip(answer.keys, answer.counts, strict=True):
        least, most = (0, people) if people is not None else (counted[option], counted[option])
        room = DEVIATIONS_MAX * answer.scale + 1
        if not least - room <= count <= most + room:
            yield f"{count} for {option} where {most} said so"
