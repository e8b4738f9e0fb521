"""Whether the noise is what it says: the library's own draws, counted. A false alarm is less likely than one in a
million, and each test fails for noise that is too small or in the wrong place.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, pvariance

import pytest

from kalecart.analytics import noise
from kalecart.analytics.budget import QUARTERLY, TYPED_DELTA, WORDS_DELTA, YEARLY_MICRORHO, Purse
from kalecart.analytics.noise import Gaussian, gaussian
from kalecart.analytics.share import Noisy, share_of

DRAWS = 4_000
# So many standard errors away by chance: once in five hundred million runs, and of a few events once in fifty.
SIGMAS = 6


def test_noise_is_centred_and_as_wide_as_it_says() -> None:
    counts = gaussian(microrho=5_000, size=DRAWS, each_max=1)

    drawn = counts.draw([1_000] * DRAWS)

    assert counts.scale == pytest.approx(10)
    assert abs(fmean(drawn) - 1_000) < SIGMAS * counts.scale / math.sqrt(DRAWS)
    assert abs(pvariance(drawn) / counts.scale**2 - 1) < SIGMAS * math.sqrt(2 / DRAWS)


def test_noise_goes_below_zero_instead_of_hiding_there() -> None:
    """Counts that stop at zero would be too large on average: then nobody's share would be hidden among none."""
    drawn = gaussian(microrho=5_000, size=DRAWS, each_max=1).draw([0] * DRAWS)

    assert abs(fmean(drawn)) < SIGMAS * 10 / math.sqrt(DRAWS)
    assert 0.4 < sum(count < 0 for count in drawn) / DRAWS < 0.55


def test_two_draws_differ_so_whoever_shows_both_tells_more() -> None:
    counts = gaussian(microrho=5_000, size=50, each_max=1)

    assert counts.draw([0] * 50) != counts.draw([0] * 50)


def test_so_far_off_as_it_says_is_as_often_as_it_says() -> None:
    counts = gaussian(microrho=5_000, size=DRAWS, each_max=1)

    outside = sum(abs(count) > counts.within for count in counts.draw([0] * DRAWS)) / DRAWS

    assert outside < 0.025 + SIGMAS * math.sqrt(0.025 / DRAWS)
    assert outside > 0.005


def test_a_year_is_told_in_epsilon_and_delta_by_the_library() -> None:
    assert noise.epsilon_of(YEARLY_MICRORHO, delta=WORDS_DELTA) == pytest.approx(3.77, abs=0.01)


@pytest.mark.parametrize("each_max", [1, 7, 12, 20, 40])
@pytest.mark.parametrize("microrho", [1, 2_000, 40_000])
def test_every_price_buys_a_scale_that_the_library_vouches_for(microrho: int, each_max: int) -> None:
    assert gaussian(microrho=microrho, size=3, each_max=each_max).scale > math.sqrt(each_max / (2e-6 * microrho))


def test_nothing_is_made_where_the_library_promises_less_than_was_paid() -> None:
    with pytest.raises(noise.GuaranteeBroken):
        noise.hold(0.040001, 40_000)


# An attacker who knows what everybody else bought, and asks whether one person with many products is in.

TRIALS = 300


def guessed_right(*told: tuple[Gaussian, int]) -> float:
    """How often the best guess is right, with whom in question and without as often: of each answer, how many of its
    counts they add to. The less noise a count has, the more the attacker trusts it.
    """
    half = sum(shown / counts.scale**2 for counts, shown in told) / 2
    right = sum(seen <= half for seen in _seen(told, 0)) + sum(seen > half for seen in _seen(told, 1))
    return right / (2 * TRIALS)


def _seen(told: Sequence[tuple[Gaussian, int]], added: int) -> list[float]:
    seen = [0.0] * TRIALS
    for counts, shown in told:
        drawn = counts.draw([added] * (TRIALS * shown))
        for trial in range(TRIALS):
            seen[trial] += sum(drawn[trial * shown : (trial + 1) * shown]) / counts.scale**2
    return seen


def answers(purse: Purse, each_max: int, *, thought: int | None = None) -> tuple[Gaussian, int]:
    """One person adds to `each_max` of the counts, and is `thought` to add to so many."""
    made = gaussian(microrho=QUARTERLY[purse], size=TRIALS * each_max, each_max=thought or each_max)
    return made, each_max


def allowed(microrho: int) -> float:
    """What the theory allows the best guess, and chance: half, and a little more."""
    theory = NormalDist().cdf(math.sqrt(2 * microrho / 1e6) / 2)
    return theory + SIGMAS * 0.5 / math.sqrt(2 * TRIALS)


@pytest.mark.parametrize("each_max", [20, 40])
def test_who_knows_everybody_else_guesses_no_better_than_the_theory_allows(each_max: int) -> None:
    """Though the bound of the products follows from what is told of everybody's breadth: both are paid for."""
    paid = QUARTERLY[Purse.BREADTH] + QUARTERLY[Purse.PRODUCTS]

    assert guessed_right(answers(Purse.BREADTH, 1), answers(Purse.PRODUCTS, each_max)) < allowed(paid)


def test_the_same_attacker_finds_out_where_one_person_was_thought_to_add_to_less() -> None:
    """Where forty products are shown of a person who was thought to add to one, the noise is too small by far."""
    assert guessed_right(answers(Purse.PRODUCTS, 40, thought=1)) > allowed(QUARTERLY[Purse.PRODUCTS])


def test_the_interval_holds_the_truth_at_least_95_times_in_100() -> None:
    runs, bought, everybody = 1_500, 1_044, 2_400
    products = gaussian(microrho=40_000, size=runs, each_max=40)
    people = gaussian(microrho=2_500, size=runs, each_max=1)

    holding = told = 0
    for part, whole in zip(products.draw([bought] * runs), people.draw([everybody] * runs), strict=True):
        share = share_of(
            Noisy(count=part, within=products.within, within_both=products.within_both, scale=products.scale),
            Noisy(count=whole, within=people.within, within_both=people.within_both, scale=people.scale),
        )
        holding += share.bounds[0] <= bought / everybody <= share.bounds[1]
        told += share.low <= 100 * bought / everybody <= share.high

    # Exactly as often before it is rounded, and more often as it is told, in whole percents.
    assert told / runs >= 0.95
    assert abs(holding / runs - 0.95) < SIGMAS * math.sqrt(0.05 * 0.95 / runs)


# What people typed.


def test_what_one_person_typed_appears_no_more_often_than_it_says() -> None:
    """20,000 texts of one person each, beside one that many gave: one appears in a thousand runs, three never."""
    texts = noise.threshold(microrho=10_000, delta=TYPED_DELTA)

    shown = texts.draw({"cheaper kale": 300} | {f"only me {number}": 1 for number in range(20_000)})

    assert len(shown.keys() - {"cheaper kale"}) < 3
    assert abs(shown["cheaper kale"] - 300) < 6 * texts.scale


def test_a_threshold_that_lets_single_texts_through_is_noticed() -> None:
    """The same draw with a threshold half as high shows some."""
    texts = noise.threshold(microrho=10_000, delta=5e-3)

    assert len(texts.draw({f"only me {number}": 1 for number in range(20_000)})) > 5
