"""What a person answered, read against what was asked: skipping is an answer to everything (C6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from kalecart.customers.problems import Problems
from kalecart.ids import QuestionId
from kalecart.surveys.identifying import held_in, plainly
from kalecart.surveys.survey import TYPED_LENGTH_MAX, Kind, Question, Survey


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer that can be kept. To a sensitive question it is still the true one: `randomised` comes first."""

    question: Question
    value: str


def answered(survey: Survey, given: Mapping[QuestionId, str]) -> list[Answered]:
    """What was given to which question; what was left empty is left out. Raises Invalid, all problems at once."""
    problems, found = Problems(), []
    known = {question.id: question for question in survey.questions}
    for question_id, text in given.items():
        pointer = f"/answers/{question_id}"
        question = known.get(question_id)
        if question is None:
            problems.refuse(pointer, "This survey does not ask this.")
        elif value := _value(question, text, pointer, problems):
            found.append(Answered(question=question, value=value))
    problems.raise_any()
    return found


def _value(question: Question, text: str, pointer: str, problems: Problems) -> str:
    """Typed answers in one form, so that the same ones are counted together."""
    if question.kind is not Kind.TEXT:
        if text and text not in question.options:
            problems.refuse(pointer, "Choose one of the answers, or none.")
        return text
    typed = plainly(text)
    if len(typed) > TYPED_LENGTH_MAX:
        problems.refuse(pointer, f"Use at most {TYPED_LENGTH_MAX} letters; a word or two is best.")
    elif not typed.isprintable():
        problems.refuse(pointer, "This contains characters it cannot have.")
    elif what := held_in(typed):
        problems.refuse(pointer, f"This looks like {what}. We must not learn who answered: leave it out.")
    return typed
