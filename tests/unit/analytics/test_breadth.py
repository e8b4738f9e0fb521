"""Of how many products one person counts, what that leaves out, and that a range holds the truth all the same."""

import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.analytics import breadth
from kalecart.analytics.answer import Answer
from kalecart.analytics.breadth import KEYS, STEPS, bound_of, missed
from kalecart.analytics.budget import QUARTERLY, Purse
from kalecart.analytics.noise import gaussian
from kalecart.analytics.share import NOBODY, Missed, share_of

PRICE = QUARTERLY[Purse.PRODUCTS]
COUNTS = st.lists(st.integers(-60, 3_000), min_size=len(KEYS), max_size=len(KEYS))


def told(*people: int, scale: float = 15.8) -> Answer:
    """How many people are on each step."""
    return Answer(keys=KEYS, counts=people, scale=scale, within=36, within_both=40, each_max=1)


@pytest.mark.parametrize(
    ("people", "each_max"),
    [
        ((2_400, 0, 0, 0, 0, 0), 20),
        ((1_400, 1_000, 0, 0, 0, 0), 40),
        ((500, 500, 820, 390, 65, 1), 120),
        ((0, 0, 0, 0, 0, 2_400), 160),
        ((-9, 14, -20, 3, -8, 5), 20),
    ],
)
def test_as_many_products_of_one_person_count_as_make_ranges_shortest(people: Sequence[int], each_max: int) -> None:
    assert bound_of(told(*people), products=400, microrho=PRICE) == each_max


@given(COUNTS)
def test_a_larger_bound_never_leaves_out_more(people: list[int]) -> None:
    steps = told(*(max(each, 0) for each in people))

    assert bound_of(steps, products=400, microrho=PRICE) in STEPS
    found = [missed(steps, each_max, products=400).most for each_max in STEPS]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(max(people[-1], 0) * (1 - 160 / 400))
    assert missed(steps, 160, products=160).most <= max(people[-1], 0) / 100


def test_noise_on_steps_above_all_products_changes_nothing() -> None:
    shop = told(1_500, 0, 0, 60, 60, 60)

    assert bound_of(shop, products=50, microrho=PRICE) == 20
    assert missed(shop, 20, products=50).most == 0
    assert missed(shop, 20, products=81).most == pytest.approx(60 * (1 - 20 / 81))
    assert missed(told(5, 5, 5, 5, 5, 5), 20, products=0) == NOBODY


def test_steps_are_named_in_their_order() -> None:
    assert breadth.names()[0] == "Up to 20 products"
    assert breadth.names()[1] == "21 to 40 products"
    assert breadth.names()[-1] == "More than 160 products"
    assert len(breadth.names()) == len(KEYS)


# A shop whose people buy broadly, what is told of it, and the truth. The noise is the library's.

PRODUCTS = 240


def a_broad_shop(chance: Random, *, people: int) -> list[list[int]]:
    """Products in the order of each person's own draw. Some products nearly everybody buys, and most few do."""
    liking = [((product + 1) / PRODUCTS) ** -0.8 for product in range(PRODUCTS)]
    shop = []
    for _ in range(people):
        kinds = chance.choice((5, 15, 30, 60, 100, 130))
        order = sorted(range(PRODUCTS), key=lambda product: -math.log(1 - chance.random()) / liking[product])
        bought = order[:kinds]
        chance.shuffle(bought)
        shop.append(bought)
    return shop


def true_ranges(shop: list[list[int]], each_max: int, lacks: Missed) -> float:
    """How many of 100 ranges about products hold the true share."""
    counted, truth = [0] * PRODUCTS, [0] * PRODUCTS
    for bought in shop:
        for place, product in enumerate(bought):
            truth[product] += 1
            counted[product] += place < each_max
    products = gaussian(microrho=PRICE, size=PRODUCTS, each_max=each_max)
    people = gaussian(microrho=QUARTERLY[Purse.COUNT], size=1, each_max=1)
    (everybody,) = people.draw([len(shop)])
    all_of_them = Answer(
        keys=[("people",)],
        counts=[everybody],
        scale=people.scale,
        within=people.within,
        within_both=people.within_both,
        each_max=1,
    ).noisy(everybody)
    answer = Answer(
        keys=[(str(product),) for product in range(PRODUCTS)],
        counts=products.draw(counted),
        scale=products.scale,
        within=products.within,
        within_both=products.within_both,
        each_max=each_max,
    )
    shares = [share_of(noisy, all_of_them, missed=lacks) for noisy in answer.by_key().values()]
    told = zip(shares, truth, strict=True)
    return 100 * sum(share.bounds[0] <= bought / len(shop) <= share.bounds[1] for share, bought in told) / PRODUCTS


def steps_of(shop: list[list[int]]) -> Answer:
    """As it is told, with its noise."""
    exact = [0] * len(KEYS)
    for bought in shop:
        exact[sum(len(bought) > most for most in STEPS)] += 1
    mechanism = gaussian(microrho=QUARTERLY[Purse.BREADTH], size=len(KEYS), each_max=1)
    return told(*mechanism.draw(exact), scale=mechanism.scale)


def test_ranges_hold_the_truth_where_people_buy_more_than_counts() -> None:
    shop = a_broad_shop(Random(5), people=1_500)
    steps = steps_of(shop)

    # 95 of 100 hold on average of many quarters; so few as this in none of a million.
    for each_max in (40, bound_of(steps, products=PRODUCTS, microrho=PRICE)):
        assert true_ranges(shop, each_max, missed(steps, each_max, products=PRODUCTS)) > 80


def test_ranges_that_forget_who_was_left_out_are_caught() -> None:
    shop = a_broad_shop(Random(5), people=1_500)

    assert true_ranges(shop, 40, NOBODY) < 80
