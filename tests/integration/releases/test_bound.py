"""Of how many products one person counts follows from what is told of everybody, and the database holds on to it."""

import math
from dataclasses import replace

import pytest

from kalecart.analytics import question as questions
from kalecart.analytics import reads, store_releases
from kalecart.analytics.budget import QUARTERLY, Purse
from kalecart.analytics.noise import gaussian
from kalecart.database import ConstraintBroken
from tests.told import QUARTER, Shop

SKUS = [f"sku-{number:02}" for number in range(60)]


async def test_people_who_buy_broadly_count_in_more_products_and_the_ranges_hold_the_truth(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold([set(SKUS) if number % 2 else set(SKUS[:10]) for number in range(2_000)])

    await shop.releases()

    async with shop.web.snapshot() as tx:
        told = await reads.figures_of(tx, QUARTER)
        asked = await store_releases.question(tx, questions.products(QUARTER, each_max=80).key)
    assert told is not None
    assert asked is not None
    assert (told.each_max, asked.about) == (80, {"each_max": "80"})
    assert [round(figure.share.about, -1) for figure in told.breadth] == [50, 0, 50, 0, 0, 0]
    truth = {sku: 1.0 if number < 10 else 0.5 for number, sku in enumerate(SKUS)}
    holding = [each.share.bounds[0] <= truth[each.key[0]] <= each.share.bounds[1] for each in told.products]
    # Three of 60 are outside on average; one run in a million has 20.
    assert sum(holding) > len(SKUS) - 20


async def test_no_more_of_anybody_counts_than_the_noise_was_made_for(shop: Shop) -> None:
    """Whoever buys more than the largest bound is cut at the one that was chosen, and the noise is as large as that."""
    many, broad, narrow = [f"sku-{number:03}" for number in range(200)], 200, 1_300
    await shop.sells(*many)
    await shop.sold([set(many)] * broad + [{many[0]}] * narrow)

    await shop.releases()

    async with shop.counting.snapshot() as tx:
        told = await store_releases.answer_to(tx, f"products:{QUARTER}")
    assert told is not None
    made = gaussian(microrho=QUARTERLY[Purse.PRODUCTS], size=len(many), each_max=told.each_max)
    assert told.scale == made.scale
    of_everybody = broad * told.each_max + narrow
    assert abs(sum(told.counts) - of_everybody) < 6 * made.scale * math.sqrt(len(many))


async def test_no_answer_is_kept_that_was_drawn_for_another_bound_than_was_paid_for(shop: Shop) -> None:
    now = shop.clock.now()
    await shop.sells("kale")
    await shop.sold([{"kale"}] * 1_600)
    await shop.releases()
    async with shop.counting.snapshot() as tx:
        answer = await store_releases.answer_to(tx, questions.count(QUARTER).key)
    assert answer is not None
    winter = QUARTER.next
    await shop.opens(winter)
    asked = questions.products(winter, each_max=40)

    async with shop.counting.transaction() as tx:
        assert await store_releases.debit(tx, asked, now=now)
    with pytest.raises(ConstraintBroken) as broken:
        async with shop.counting.transaction() as tx:
            await store_releases.keep_answer(tx, asked.key, replace(answer, each_max=20), now=now)
    assert broken.value.constraint == "release_answer_as_bounded"


async def test_no_list_of_products_is_paid_for_without_a_bound_that_is_known(shop: Shop) -> None:
    await shop.opens(QUARTER)

    for about in ({}, {"each_max": "41"}, {"each_max": "400"}):
        with pytest.raises(ConstraintBroken) as broken:
            async with shop.counting.transaction() as tx:
                asked = replace(questions.products(QUARTER, each_max=40), about=about)
                await store_releases.debit(tx, asked, now=shop.clock.now())
        assert broken.value.constraint == "release_bound_known"

    assert await shop.debits() == {}
