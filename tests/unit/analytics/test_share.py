import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kalecart.analytics.share import Held, Missed, Noisy, Share, change, places, share_of, unrandomised

SCALE_PRODUCT, SCALE_PEOPLE = 22.36, 14.14


def noisy(count: int, scale: float) -> Noisy:
    return Noisy(count=count, within=math.ceil(2.24 * scale), within_both=math.ceil(2.5 * scale), scale=scale)


def product(count: int) -> Noisy:
    return noisy(count, SCALE_PRODUCT)


def people(count: int) -> Noisy:
    return noisy(count, SCALE_PEOPLE)


COUNTS = st.integers(min_value=-500, max_value=20_000)


def test_a_share_is_told_with_how_sure_we_are() -> None:
    share = share_of(product(1_044), people(2_400))

    assert share.words == "About 44 %, 95 % sure between 41 % and 46 %"


@given(COUNTS, COUNTS)
def test_a_share_is_a_percentage_within_its_own_interval(part: int, all_of_them: int) -> None:
    share = share_of(product(part), people(all_of_them))

    assert 0 <= share.low <= share.about <= share.high <= 100
    assert share.both[0] <= share.bounds[0] <= share.bounds[1] <= share.both[1]


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(-80, 80), st.integers(-50, 50), st.integers(0, 400))
def test_the_truth_is_in_the_interval_whenever_the_noise_is_as_small_as_it_says(
    bought: int, others: int, noise: int, noise_of_people: int, left_out: int
) -> None:
    """And whoever was left out of the count is no more than may be missed."""
    everybody = bought + others
    assume(everybody > 0)
    truth = bought / everybody
    assume(abs(noise - truth * noise_of_people) <= 1.95 * math.hypot(SCALE_PRODUCT, truth * SCALE_PEOPLE))
    left_out = min(left_out, bought)

    share = share_of(
        product(bought - left_out + noise), people(everybody + noise_of_people), missed=Missed(most=left_out)
    )

    assert share.bounds[1] >= truth
    assert share.high >= 100 * truth
    assert not share.rare or 100 * truth < share.fewer_than or share.held
    if left_out == 0:
        assert share.bounds[0] <= truth
        assert share.low <= 100 * truth


@given(COUNTS, COUNTS, st.integers(0, 2_000), st.floats(0, 100))
def test_who_may_be_missed_moves_the_upper_end_and_nothing_else(
    part: int, everybody: int, most: int, scale: float
) -> None:
    plain = share_of(product(part), people(everybody))
    told = share_of(product(part), people(everybody), missed=Missed(most=most, scale=scale))

    assert (told.about, told.low, told.bounds[0]) == (plain.about, plain.low, plain.bounds[0])
    assert told.bounds[1] >= plain.bounds[1]
    assert told.both[1] >= told.bounds[1]


def test_a_product_hardly_anybody_bought_is_told_as_fewer_than() -> None:
    """E73: one buyer, none, or forty look the same."""
    told = {share_of(product(count), people(2_400)).words for count in (1, 0, 3)}

    assert told == {"Fewer than 2 %"}
    assert share_of(product(-20), people(2_400)).words == "Fewer than 1 %"


def test_a_survey_with_twelve_answers_is_held() -> None:
    """E78."""
    assert share_of(noisy(9, 16), noisy(12, 16)).held is Held.TOO_FEW


def test_a_share_whose_range_is_more_than_ten_points_wide_is_held_and_says_so() -> None:
    """Not one that is five points off: where buyers are left out a range reaches further up than down."""
    share = share_of(product(300), people(500))
    lopsided = share_of(product(960), people(2_400), missed=Missed(most=120, scale=10))

    assert share.held is Held.TOO_UNSURE
    assert share.words == "Too few to say: its range would be more than ten points wide."
    assert lopsided.words == "About 40 %, 95 % sure between 38 % and 48 %"


def test_at_2_400_people_a_product_is_known_to_about_two_points() -> None:
    low, high = share_of(product(240), people(2_400)).bounds

    assert (high - low) / 2 == pytest.approx(0.0183, abs=0.0005)


def test_a_change_is_told_only_beyond_what_the_noise_of_both_could_make() -> None:
    before, hardly, clearly = (share_of(product(count), people(2_400)) for count in (960, 1_060, 1_300))

    assert change(before, hardly) is None
    assert (told := change(before, clearly)) is not None
    assert told.up
    assert told.points_min == 9
    assert told.words == "Up by 9 points at least"
    assert (fallen := change(clearly, before)) is not None
    assert not fallen.up


@given(COUNTS, COUNTS)
def test_nobody_hears_of_a_change_of_what_is_held(part: int, other: int) -> None:
    held = share_of(product(part), people(90))

    assert change(held, share_of(product(other), people(2_400))) is None


def test_products_that_cannot_be_told_apart_share_their_places() -> None:
    first, second, third = places([product(1_000), product(950), product(100)])

    assert first == second
    assert (first.first, first.last) == (1, 2)
    assert (third.first, third.last) == (3, 3)


@given(st.lists(COUNTS, min_size=1, max_size=30))
def test_a_larger_count_never_has_a_later_place(counts: list[int]) -> None:
    found = sorted(zip(counts, places([product(count) for count in counts]), strict=True), key=lambda each: -each[0])

    for (_, ahead), (_, behind) in pairwise(found):
        assert ahead.first <= behind.first
        assert ahead.last <= behind.last
    assert all(1 <= place.first <= place.last <= len(counts) for _, place in found)


def test_the_share_behind_answers_turned_round_by_chance_is_found_again() -> None:
    """Of 20,000 people 4,000 would say yes: three quarters of them do, and so do a quarter of the others."""
    said, asked = noisy(7_000, 16), product(20_000)

    share = unrandomised(said, asked, truthful=0.75)

    assert share.about == 20
    assert share.low < 20 < share.high
    assert share.held is None


@given(COUNTS, COUNTS)
def test_a_share_of_answers_turned_round_is_less_sure_than_the_same_count_as_it_is(part: int, asked: int) -> None:
    plain = share_of(product(part), people(asked))
    turned: Share = unrandomised(product(part), people(asked), truthful=0.75)

    assert 0 <= turned.low <= turned.about <= turned.high <= 100
    assert turned.held is None or turned.held in set(Held)
    assert plain.held is None or turned.held is not None
