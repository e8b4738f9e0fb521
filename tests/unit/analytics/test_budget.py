import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.analytics.budget import (
    QUESTION_MICRORHO,
    QUESTIONS_A_YEAR,
    YEARLY_MICRORHO,
    BudgetSpent,
    Envelope,
    Purse,
    UnusablePrice,
    envelopes_of,
)
from kalecart.errors import Exhausted

ASKED = Envelope(kind=Purse.QUESTION, period="2026", year=2026, cap_microrho=40_000, renews_on=date(2027, 1, 1))


def test_all_that_may_be_told_in_a_year_is_reserved_when_it_begins() -> None:
    envelopes = envelopes_of(2026)

    assert sum(each.cap_microrho for each in envelopes) == YEARLY_MICRORHO == 280_000
    assert len({each.id for each in envelopes}) == len(envelopes) == 4 * 6 + 1


def test_an_envelope_says_when_the_next_one_of_its_kind_opens() -> None:
    renews = {each.id: each.renews_on for each in envelopes_of(2026)}

    assert renews["products:2026-Q1"] == date(2026, 4, 1)
    assert renews["products:2026-Q4"] == renews["question:2026"] == date(2027, 1, 1)


@pytest.mark.parametrize("rho", [0.0, -0.005, -0.0, math.nan, math.inf, -math.inf])
def test_what_is_no_price_is_refused_with_the_day_the_budget_renews(rho: float) -> None:
    with pytest.raises(UnusablePrice) as refused:
        ASKED.price(rho)

    assert refused.value.members["renews_on"] == "2027-01-01"


@given(st.floats(min_value=0.040001, allow_infinity=False))
def test_more_than_is_left_is_refused_with_the_day_the_budget_renews(rho: float) -> None:
    with pytest.raises(BudgetSpent) as refused:
        ASKED.price(rho)

    assert isinstance(refused.value, Exhausted)
    assert refused.value.members["renews_on"] == "2027-01-01"


@given(st.floats(min_value=1e-9, max_value=0.04))
def test_a_price_is_whole_millionths_and_never_less_than_what_was_asked_for(rho: float) -> None:
    assert 0 < ASKED.price(rho) <= ASKED.left_microrho
    assert ASKED.price(rho) >= rho * 1_000_000 - 1e-6


def test_the_questions_left_are_those_that_can_still_be_paid() -> None:
    used = Envelope(
        kind=Purse.QUESTION,
        period="2026",
        year=2026,
        cap_microrho=QUESTIONS_A_YEAR * QUESTION_MICRORHO,
        spent_microrho=7 * QUESTION_MICRORHO,
        renews_on=date(2027, 1, 1),
    )

    assert used.questions_left == 1
    assert used.price(0.005) == QUESTION_MICRORHO
    with pytest.raises(BudgetSpent):
        used.price(0.005001)
