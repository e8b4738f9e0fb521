"""What people know that they said in a survey, and what of it holds at an instant."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kalecart.ids import CustomerId, QuestionId, SurveyId
from kalecart.surveys.survey import Kind, Survey

NOTHING: Final[Mapping[QuestionId, str]] = {}
# Chance answers a sensitive question for its person: that it is answered can be known, and not how.
BY_CHANCE: Final = "?"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody says of a survey from then on; nothing at all where they take it back."""

    at: datetime
    survey_id: SurveyId
    customer_id: CustomerId
    answers: Mapping[QuestionId, str]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Somebody took back that their answers are kept, or left: what they said before holds no more."""

    at: datetime
    customer_id: CustomerId


def holding(
    survey: Survey, told: Sequence[Told], ended: Collection[Ended], *, now: datetime
) -> Mapping[QuestionId, Counter[str]]:
    """By question, how many people say what. `told` is in the order of time."""
    sensitive = {question.id for question in survey.questions if question.kind is Kind.SENSITIVE}
    held: dict[CustomerId, Mapping[QuestionId, str]] = {}
    for each in told:
        if each.survey_id == survey.id and each.at <= now:
            gone = any(end.customer_id == each.customer_id and each.at <= end.at <= now for end in ended)
            before = held.get(each.customer_id, NOTHING) if each.answers else NOTHING
            # Answered anew, a sensitive question keeps what chance made of it first.
            stays = {question: said for question, said in before.items() if question in sensitive}
            held[each.customer_id] = NOTHING if gone else {**each.answers, **stays}
    found: dict[QuestionId, Counter[str]] = {question.id: Counter() for question in survey.questions}
    for answers in held.values():
        for question, said in answers.items():
            found[question][BY_CHANCE if question in sensitive else said] += 1
    return found
