"""What staff compose, read against what may be asked: nothing by which a person could be recognised (C6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kalecart.customers.problems import Problems
from kalecart.ids import QuestionId, SurveyId, new_id
from kalecart.surveys.identifying import asked_for, held_in
from kalecart.surveys.survey import (
    AHEAD_MAX,
    CHOICE_LENGTH_MAX,
    CHOICES_MAX,
    DAYS_MAX,
    QUESTIONS_MAX,
    TITLE_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    Kind,
    Question,
    Survey,
    SurveyState,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question as it was typed."""

    kind: str
    words: str
    why: str
    choices: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A survey as it was typed. `id` is made with the form, so that pressing twice composes it once."""

    id: SurveyId
    title: str
    opens_on: date | None
    closes_on: date | None
    questions: Sequence[Asked]


def composed(typed: Composition, *, today: date) -> Survey:
    """The draft it makes. Raises Invalid, with what is wrong with each field at once."""
    problems = Problems()
    title = _line(typed.title, "/title", TITLE_LENGTH_MAX, problems)
    _harmless(asked_for(title[:TITLE_LENGTH_MAX], typed=True), "/title", problems)
    opens_on, closes_on = _days(typed, today, problems)
    if not 1 <= len(typed.questions) <= QUESTIONS_MAX:
        problems.refuse("/questions", f"Ask one question at least and {QUESTIONS_MAX} at most.")
    questions = [_question(asked, f"/questions/{place}", problems) for place, asked in enumerate(typed.questions)]
    if sum(question.kind is Kind.TEXT for question in questions) > 1:
        problems.refuse("/questions", "Only one question of a survey may be answered in one's own words.")
    problems.raise_any()
    return Survey(
        id=typed.id,
        title=title,
        state=SurveyState.DRAFT,
        opens_on=opens_on,
        closes_on=closes_on,
        questions=questions,
    )


def _days(typed: Composition, today: date, problems: Problems) -> tuple[date, date]:
    opens_on, closes_on = typed.opens_on or today, typed.closes_on or today
    if typed.opens_on is None:
        problems.refuse("/opens_on", "Say from which day it is asked.")
    if typed.closes_on is None:
        problems.refuse("/closes_on", "Say until which day it is asked.")
    elif closes_on < max(opens_on, today):
        problems.refuse("/closes_on", "It cannot end before it begins, nor in the past.")
    elif closes_on > today + AHEAD_MAX:
        problems.refuse("/closes_on", "Plan a year ahead at most.")
    elif closes_on - opens_on >= timedelta(days=DAYS_MAX):
        problems.refuse("/closes_on", f"Ask for {DAYS_MAX} days at most.")
    return opens_on, closes_on


def _question(asked: Asked, pointer: str, problems: Problems) -> Question:
    kind = Kind(asked.kind) if asked.kind in set(Kind) else Kind.CHOICE
    if asked.kind not in set(Kind):
        problems.refuse(f"{pointer}/kind", "Say how it is answered.")
    words = _line(asked.words, f"{pointer}/words", WORDS_LENGTH_MAX, problems)
    why = _line(asked.why, f"{pointer}/why", WORDS_LENGTH_MAX, problems)
    choices = _choices(asked.choices, f"{pointer}/choices", problems) if kind is Kind.CHOICE else ()
    # A long text is refused for its length, and not searched.
    _harmless(asked_for(words[:WORDS_LENGTH_MAX], typed=kind is Kind.TEXT), f"{pointer}/words", problems)
    _harmless(held_in(why[:WORDS_LENGTH_MAX]), f"{pointer}/why", problems)
    return Question(id=QuestionId(new_id()), kind=kind, words=words, why=why, choices=choices)


def _harmless(what: str | None, pointer: str, problems: Problems) -> None:
    if what is not None:
        problems.refuse(pointer, f"This asks for {what}. A survey may not ask who somebody is (C6).")


def _choices(typed: Sequence[str], pointer: str, problems: Problems) -> tuple[str, ...]:
    choices = tuple(" ".join(choice.split()) for choice in typed if choice.strip())
    if not 2 <= len(choices) <= CHOICES_MAX:  # noqa: PLR2004  # one answer is no choice
        problems.refuse(pointer, f"Offer two answers at least and {CHOICES_MAX} at most, one on each line.")
    elif len({choice.casefold() for choice in choices}) < len(choices):
        problems.refuse(pointer, "Offer each answer once.")
    for choice in choices:
        if len(choice) > CHOICE_LENGTH_MAX or not choice.isprintable():
            problems.refuse(pointer, f"Each answer may have up to {CHOICE_LENGTH_MAX} letters.")
        elif what := asked_for(choice, typed=False):
            problems.refuse(pointer, f"One of these is {what}. A survey may not ask who somebody is (C6).")
    return choices


def _line(typed: str, pointer: str, most: int, problems: Problems) -> str:
    line = " ".join(typed.split())
    if not line:
        problems.refuse(pointer, "This must not be empty.")
    elif len(line) > most or not line.isprintable():
        problems.refuse(pointer, f"This may have up to {most} letters.")
    return line
