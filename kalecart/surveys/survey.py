"""A survey: voluntary questions, when they are asked, and how far it is (C6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from kalecart.ids import QuestionId, SurveyId

QUESTIONS_MAX: Final = 5
CHOICES_MAX: Final = 10
CHOICE_LENGTH_MAX: Final = 60
TITLE_LENGTH_MAX: Final = 120
WORDS_LENGTH_MAX: Final = 300
TYPED_LENGTH_MAX: Final = 40
# One that asks longer would be in two quarters, and each has one budget.
DAYS_MAX: Final = 92
AHEAD_MAX: Final = timedelta(days=366)
# Answers are no longer needed once their figures are out.
KEPT: Final = timedelta(days=60)


class SurveyState(StrEnum):
    """How far it is. The database knows the same ones."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    RELEASED = "released"


TRANSITIONS: Final[Mapping[SurveyState, frozenset[SurveyState]]] = {
    SurveyState.DRAFT: frozenset({SurveyState.OPEN}),
    SurveyState.OPEN: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset({SurveyState.RELEASED}),
    SurveyState.RELEASED: frozenset(),
}


def sources(state: SurveyState) -> list[str]:
    """From where a survey may come to a state."""
    return [before.value for before, after in TRANSITIONS.items() if state in after]


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    SCALE = "scale"
    TEXT = "text"
    SENSITIVE = "sensitive"


SCALE: Final = ("1", "2", "3", "4", "5")
YES_OR_NO: Final = ("yes", "no")


@dataclass(frozen=True, kw_only=True)
class Question:
    """`why` is what a person reads beside it. `choices` are there for a choice and for nothing else."""

    id: QuestionId
    kind: Kind
    words: str
    why: str
    choices: Sequence[str] = ()

    @property
    def options(self) -> Sequence[str]:
        """Every answer there can be; none where it is typed."""
        return {Kind.CHOICE: self.choices, Kind.SCALE: SCALE, Kind.TEXT: (), Kind.SENSITIVE: YES_OR_NO}[self.kind]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Asked from the beginning of `opens_on` to the end of `closes_on`, in the shop's days."""

    id: SurveyId
    title: str
    state: SurveyState
    opens_on: date
    closes_on: date
    questions: Sequence[Question]

    @property
    def quarter(self) -> str:
        """The one it closes in, `2026-Q4`: its figures are paid for out of that one's budget."""
        return quarter_of(self.closes_on)

    @property
    def remind_on(self) -> date:
        """The day by which whoever has not answered may be reminded, once: half of the time is over."""
        return self.opens_on + (self.closes_on - self.opens_on + timedelta(days=1)) / 2

    def takes_answers(self, today: date) -> bool:
        return self.state is SurveyState.OPEN and self.opens_on <= today <= self.closes_on

    def over(self, today: date) -> bool:
        """Whether it is time to close it."""
        return self.state is SurveyState.OPEN and today > self.closes_on


def quarter_of(day: date) -> str:
    return f"{day.year:04}-Q{(day.month - 1) // 3 + 1}"


def period_of(survey_id: SurveyId) -> str:
    """What a pseudonym is for under which somebody answers this survey."""
    return f"survey:{survey_id}"
