"""What holds of what people said in a survey."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from kalecart.ids import CustomerId, QuestionId, SurveyId, new_id
from kalecart.surveys.survey import Kind, Question, Survey, SurveyState
from simulation.told import BY_CHANCE, NOTHING, Ended, Told, holding

START = datetime(2027, 3, 1, 18, tzinfo=UTC)
SCALE = Question(id=QuestionId(new_id()), kind=Kind.SCALE, words="How easy?", why="To know.")
DIET = Question(id=QuestionId(new_id()), kind=Kind.SENSITIVE, words="A diet?", why="To know.")
SURVEY = Survey(
    id=SurveyId(new_id()),
    title="How you order",
    state=SurveyState.OPEN,
    opens_on=date(2027, 3, 1),
    closes_on=date(2027, 3, 20),
    questions=(SCALE, DIET),
)
ADA, BEN = CustomerId(new_id()), CustomerId(new_id())


def told(who: CustomerId, day: int, answers: dict[QuestionId, str] | None = None) -> Told:
    said: Any = NOTHING if answers is None else answers
    return Told(at=START + timedelta(days=day), survey_id=SURVEY.id, customer_id=who, answers=said)


def held(*said: Told | Ended, day: int = 20) -> dict[str, dict[str, int]]:
    ended = [each for each in said if isinstance(each, Ended)]
    answers = [each for each in said if isinstance(each, Told)]
    found = holding(SURVEY, answers, ended, now=START + timedelta(days=day))
    return {"scale": dict(found[SCALE.id]), "diet": dict(found[DIET.id])}


def test_what_was_said_last_holds_and_a_sensitive_answer_stays() -> None:
    first = told(ADA, 0, {SCALE.id: "2", DIET.id: "yes"})

    assert held(first) == {"scale": {"2": 1}, "diet": {BY_CHANCE: 1}}
    assert held(first, told(ADA, 1, {SCALE.id: "5"})) == {"scale": {"5": 1}, "diet": {BY_CHANCE: 1}}


def test_what_was_taken_back_does_not_hold_and_what_others_said_does() -> None:
    both = told(ADA, 0, {SCALE.id: "2", DIET.id: "yes"}), told(BEN, 0, {SCALE.id: "2"})

    assert held(*both, told(ADA, 1)) == {"scale": {"2": 1}, "diet": {}}
    assert held(*both, told(ADA, 1), day=0) == {"scale": {"2": 2}, "diet": {BY_CHANCE: 1}}


def test_who_withdraws_their_consent_is_not_counted_unless_they_answer_again() -> None:
    ended = Ended(at=START + timedelta(days=2), customer_id=ADA)
    first, again = told(ADA, 0, {SCALE.id: "2"}), told(ADA, 3, {SCALE.id: "4"})

    assert held(first, ended)["scale"] == {}
    assert held(first, ended, day=1)["scale"] == {"2": 1}
    assert held(first, ended, again)["scale"] == {"4": 1}
