"""What was released of a survey, as pages show it: shares of who answered each question, and what many typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from kalecart.analytics import reads
from kalecart.analytics.answer import Answer
from kalecart.analytics.share import Noisy, Share, share_of, total, unrandomised
from kalecart.database import Tx
from kalecart.ids import SurveyId
from kalecart.surveys import reads as surveys
from kalecart.surveys.randomised import KEPT_PROBABILITY
from kalecart.surveys.survey import Kind, Question


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One question. `people` answered it; `shares` are by option, in the order it offers them. Of a typed one there are
    only `typed`: each text that many wrote, the most frequent first, with how many did.
    """

    question: Question
    people: Noisy | None
    shares: Sequence[tuple[str, Share]]
    typed: Sequence[tuple[str, Noisy]]


async def answered(tx: Tx, survey_id: SurveyId) -> Sequence[Answered]:
    """The questions of a released survey in their order; none before it is released. Raises NotFound."""
    survey = await surveys.survey_of(tx, survey_id)
    released = await reads.of_survey(tx, survey_id)
    kept = [(each, released.get(str(each.id))) for each in survey.questions]
    return [_answered(each, told.answer) for each, told in kept if told is not None and told.answer is not None]


def _answered(question: Question, answer: Answer) -> Answered:
    said = [(key[0], noisy) for key, noisy in answer.by_key().items()]
    if question.kind is Kind.TEXT:
        often = sorted(said, key=lambda each: (-each[1].count, each[0]))
        return Answered(question=question, people=None, shares=(), typed=often)
    people = total(answer.counts, answer.scale)
    return Answered(
        question=question,
        people=people,
        shares=[(option, _share(question, noisy, people)) for option, noisy in said],
        typed=(),
    )


def _share(question: Question, noisy: Noisy, people: Noisy) -> Share:
    if question.kind is Kind.SENSITIVE:
        return unrandomised(noisy, people, truthful=KEPT_PROBABILITY)
    return share_of(noisy, people)
