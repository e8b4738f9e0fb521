"""Randomised response: what is kept of an answer tells hardly anything, and of many the share can be told (C6)."""

import math
from collections import Counter

import pytest

from kalecart import chance
from kalecart.analytics.share import Noisy, unrandomised
from kalecart.surveys.randomised import KEPT_PROBABILITY, TURNED_ONE_IN, said


def test_of_four_answers_chance_keeps_three_and_turns_one_round() -> None:
    for truth in (True, False):
        kept = Counter(said(truth=truth, drawn=drawn) for drawn in range(TURNED_ONE_IN))
        assert kept == {truth: 3, not truth: 1}


def test_what_is_drawn_is_spread_evenly_and_never_outside() -> None:
    drawn = Counter(chance.drawn(TURNED_ONE_IN) for _ in range(40_000))

    assert set(drawn) == set(range(TURNED_ONE_IN))
    # Six standard deviations: once in a hundred million runs.
    assert all(abs(count - 10_000) < 6 * math.sqrt(40_000 * 3 / 16) for count in drawn.values())


def test_one_kept_answer_is_at_most_three_times_as_likely_for_one_truth_as_for_the_other() -> None:
    assert pytest.approx(3) == KEPT_PROBABILITY / (1 - KEPT_PROBABILITY)


def test_the_share_of_the_true_answers_is_told_from_many_kept_ones() -> None:
    kept = sum(said(truth=person % 5 == 0, drawn=chance.drawn(TURNED_ONE_IN)) for person in range(40_000))

    counts = (Noisy(count=many, within=1, within_both=1, scale=0.4) for many in (kept, 40_000))
    told = unrandomised(*counts, truthful=0.75)

    assert abs(told.about - 20) <= 3


@pytest.mark.parametrize("drawn", [-1, TURNED_ONE_IN])
def test_a_draw_from_elsewhere_is_a_bug(drawn: int) -> None:
    with pytest.raises(ValueError, match=str(drawn)):
        said(truth=True, drawn=drawn)
