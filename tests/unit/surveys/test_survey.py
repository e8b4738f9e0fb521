"""Surveys as staff compose them and people answer them: what cannot be is refused field by field (C6)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kalecart.analytics import share
from kalecart.analytics.budget import QUARTERLY, Purse
from kalecart.analytics.noise import gaussian
from kalecart.analytics.share import PEOPLE_TOLD_MIN, Noisy, share_of, total
from kalecart.errors import Invalid
from kalecart.ids import QuestionId, SurveyId, new_id
from kalecart.surveys.accuracy import (
    ANSWERS_MIN,
    HALF_WIDTH_MAX,
    MICRORHO,
    answers_needed,
    microrho_each,
    people_either_way,
)
from kalecart.surveys.answers import answered
from kalecart.surveys.composition import Asked, Composition, composed
from kalecart.surveys.survey import TRANSITIONS, Kind, Survey, SurveyState
from kalecart.surveys.tables import survey, survey_question

TODAY = date(2026, 11, 2)
WHY = "So that we stock what people cook."
COOK = Asked(kind="choice", words="How often do you cook?", why=WHY, choices=("Daily", "Weekly", "Hardly ever"))
TYPED = Asked(kind="text", words="Which vegetable do you miss here?", why=WHY)
SCALE = Asked(kind="scale", words="How much do you like our bread?", why=WHY)
SENSITIVE = Asked(kind="sensitive", words="Were you ever short of money for food?", why=WHY)


def typed(**but: Any) -> Composition:
    facts = {"id": SurveyId(new_id()), "title": "How you cook", "opens_on": TODAY, "closes_on": TODAY}
    return Composition(**(facts | {"questions": (COOK,)} | but))


def problems(asked: Composition) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        composed(asked, today=TODAY)
    return dict(refused.value.problems)


def test_the_lifecycle_reaches_every_state_and_the_database_knows_the_same_ones() -> None:
    rule = next(str(check.sqltext) for check in survey.constraints if check.name == "survey_state_known")
    kinds = next(str(c.sqltext) for c in survey_question.constraints if c.name == "survey_question_kind_known")

    assert set(TRANSITIONS) == set(SurveyState)
    assert {SurveyState.DRAFT}.union(*TRANSITIONS.values()) == set(SurveyState)
    assert all(f"'{state}'" in rule for state in SurveyState)
    assert all(f"'{kind}'" in kinds for kind in Kind)


def test_a_survey_has_up_to_five_questions_of_four_kinds() -> None:
    draft = composed(typed(questions=(COOK, TYPED, SCALE, SENSITIVE)), today=TODAY)

    assert [question.kind for question in draft.questions] == list(map(Kind, ("choice", "text", "scale", "sensitive")))
    assert [len(question.options) for question in draft.questions] == [3, 0, 5, 2]
    assert problems(typed(questions=())).keys() == {"/questions"}
    assert problems(typed(questions=(COOK,) * 6)).keys() == {"/questions"}


def test_at_most_one_answer_is_typed() -> None:
    assert "own words" in problems(typed(questions=(TYPED, TYPED)))["/questions"]


@pytest.mark.parametrize(
    ("but", "pointer"),
    [
        ({"title": " "}, "/title"),
        ({"title": "x" * 121}, "/title"),
        ({"opens_on": None}, "/opens_on"),
        ({"closes_on": None}, "/closes_on"),
        ({"closes_on": TODAY - timedelta(days=1)}, "/closes_on"),
        ({"closes_on": TODAY + timedelta(days=92)}, "/closes_on"),
        ({"opens_on": date.max, "closes_on": date.max}, "/closes_on"),
        ({"opens_on": date.min}, "/closes_on"),
        ({"questions": (replace(COOK, words="who @ " * 9999),)}, "/questions/0/words"),
        ({"questions": (replace(COOK, kind="video"),)}, "/questions/0/kind"),
        ({"questions": (replace(COOK, words=""),)}, "/questions/0/words"),
        ({"questions": (replace(COOK, words="a\x1bb"),)}, "/questions/0/words"),
        ({"questions": (COOK, replace(COOK, why=""))}, "/questions/1/why"),
        ({"questions": (replace(COOK, choices=("One",)),)}, "/questions/0/choices"),
        ({"questions": (replace(COOK, choices=("One", "one")),)}, "/questions/0/choices"),
        ({"questions": (replace(COOK, choices=("One", "x" * 61)),)}, "/questions/0/choices"),
        ({"title": "Tell us your name"}, "/title"),
        ({"questions": (replace(COOK, why="Write to us at ana@example.com."),)}, "/questions/0/why"),
        ({"questions": (replace(COOK, words="What is your name?"),)}, "/questions/0/words"),
        ({"questions": (replace(COOK, choices=("Yes", "Call 213-555-0100")),)}, "/questions/0/choices"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_at_its_field(but: dict[str, Any], pointer: str) -> None:
    assert problems(typed(**but)).keys() == {pointer}


def test_a_survey_takes_answers_on_its_days_and_only_while_it_is_open() -> None:
    draft = composed(typed(closes_on=TODAY + timedelta(days=13)), today=TODAY)
    asked = replace(draft, state=SurveyState.OPEN)

    assert [asked.takes_answers(TODAY + timedelta(days=day)) for day in (-1, 0, 13, 14)] == [False, True, True, False]
    assert not draft.takes_answers(TODAY)
    assert (asked.over(asked.closes_on), asked.over(asked.closes_on + timedelta(days=1))) == (False, True)
    assert asked.remind_on == TODAY + timedelta(days=7)
    assert asked.quarter == "2026-Q4"


def test_whoever_composes_is_told_that_each_question_blurs_the_others() -> None:
    assert [people_either_way(questions) for questions in range(1, 6)] == [18, 26, 31, 36, 40]
    assert microrho_each(3) * 3 <= 8_000
    assert [answers_needed(questions) for questions in (1, 5)] == [439, 980]


def test_what_is_told_beforehand_is_what_figures_are_released_by() -> None:
    """Whoever releases stands above surveys, so the same numbers are written in both places."""
    assert (QUARTERLY[Purse.SURVEY], share.HALF_WIDTH_MAX, PEOPLE_TOLD_MIN) == (MICRORHO, HALF_WIDTH_MAX, ANSWERS_MIN)
    for questions in range(1, 6):
        drawn = gaussian(microrho=microrho_each(questions), size=4, each_max=1)
        needed, half = answers_needed(questions), answers_needed(questions) // 2
        told = share_of(
            Noisy(count=half, within=drawn.within, within_both=drawn.within_both, scale=drawn.scale),
            total([needed, 0, 0, 0], drawn.scale),
        )
        assert abs(people_either_way(questions) - drawn.within) <= 1
        assert told.bounds[1] - told.bounds[0] == pytest.approx(2 * HALF_WIDTH_MAX, abs=0.01)


def _asked(*questions: Asked) -> Survey:
    return composed(typed(questions=questions), today=TODAY)


def test_skipping_any_question_is_an_answer_and_typed_ones_take_one_form() -> None:
    survey = _asked(COOK, TYPED, SCALE)
    cook, vegetable, _ = (question.id for question in survey.questions)

    found = answered(survey, {cook: "", vegetable: "  Romanesco\u00a0 CABBAGE "})

    assert [(each.question.id, each.value) for each in found] == [(vegetable, "romanesco cabbage")]
    assert answered(survey, {}) == []


@pytest.mark.parametrize(
    "value", ["Monthly", "daily", "0", "Daily'; DROP TABLE survey_answer; --", "Daily\0", "x" * 9999], ids=ascii
)
def test_an_answer_that_was_not_offered_is_refused(value: str) -> None:
    survey = _asked(COOK)
    pointer = f"/answers/{survey.questions[0].id}"

    with pytest.raises(Invalid) as refused:
        answered(survey, {survey.questions[0].id: value})
    assert refused.value.problems == {pointer: "Choose one of the answers, or none."}


@pytest.mark.parametrize("value", ["x" * 41, "ana@example.com", "leeks\u0007", "call 213 555 0100"], ids=ascii)
def test_a_typed_answer_that_is_too_long_or_tells_who_answered_is_refused(value: str) -> None:
    survey = _asked(TYPED)

    with pytest.raises(Invalid) as refused:
        answered(survey, {survey.questions[0].id: value})
    assert value not in str(refused.value.problems)


def test_a_question_of_another_survey_is_refused() -> None:
    with pytest.raises(Invalid, match=r"Correct the fields"):
        answered(_asked(COOK), {QuestionId(new_id()): "Daily"})
