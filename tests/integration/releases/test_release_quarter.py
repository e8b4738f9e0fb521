"""A quarter is released once, whoever dies or hurries meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from kalecart import steps
from kalecart.analytics import reads
from kalecart.analytics.answer_question import Forgotten
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.release_quarter import DaysUncounted
from kalecart.analytics.rules import Size
from kalecart.analytics.share import Held
from kalecart.privacy.examine import examine
from kalecart.steps import Step
from tests.told import AISLES, QUARTER, Shop

SKUS = ("apples", "beans", "chard", "dill", "eggs", "figs")
WHOLE = {
    "count:2026-Q4": 2_500,
    "breadth:2026-Q4": 2_000,
    "products:2026-Q4": 40_000,
    "aisles:2026-Q4": 2_500,
    "baskets:2026-Q4": 5_000,
}


def many(people: int = 2_000) -> list[set[str]]:
    """Everybody buys apples, half of them beans as well; one buys figs."""
    return [{"apples"} | ({"beans"} if n % 2 else set()) | ({"figs"} if n == 7 else set()) for n in range(people)]


async def figures(shop: Shop, quarter: Quarter = QUARTER) -> reads.Figures:
    async with shop.web.snapshot() as tx:
        found = await reads.figures_of(tx, quarter)
    assert found is not None
    return found


async def answers(shop: Shop) -> dict[str, object]:
    return {row.key: row.answer for row in await shop.asks("SELECT key, answer FROM release_answer ORDER BY key")}


async def test_a_large_shop_tells_people_products_aisles_and_baskets(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold(many())

    await shop.releases()

    told = await figures(shop)
    assert told.size is Size.MANY
    assert abs(told.people.count - 2_000) < 6 * 14.2
    assert told.year_epsilon == pytest.approx(3.77, abs=0.01)
    apples, beans = told.products[:2]
    assert (apples.names, beans.names) == (("Apples",), ("Beans",))
    assert beans.share.bounds[0] - 0.1 < 0.5 < beans.share.bounds[1] + 0.1
    assert {figure.key for figure in told.products} == {(sku,) for sku in SKUS}
    assert {figure.key for figure in told.aisles} == {(aisle,) for aisle in AISLES}
    assert told.baskets[0].key == ("apples", "beans")
    assert abs(told.baskets[0].share.about - 50) < 15
    assert await shop.debits() == WHOLE


async def test_a_product_one_customer_bought_is_told_as_fewer_than(shop: Shop) -> None:
    """E73: and so are those that nobody bought. Nothing says which of them it is."""
    await shop.sells(*SKUS)
    await shop.sold(many())

    await shop.releases()

    told = {figure.key[0]: figure.share for figure in (await figures(shop)).products}
    rare = [told[sku] for sku in ("figs", "eggs", "dill", "chard")]
    # By noise alone a count looks surely above none once in forty times: of four, not all of them.
    assert any(share.words.startswith("Fewer than ") for share in rare)
    assert all(share.held is None and share.bounds[1] < 0.1 for share in rare)


async def test_a_shop_with_250_customers_tells_no_products(shop: Shop) -> None:
    """E77: aisles with the year's last quarter, and those are held where the noise is too much for so few."""
    await shop.sells(*SKUS)
    await shop.sold(many(200))

    await shop.releases()

    told = await figures(shop)
    assert (told.size, told.products, told.baskets) == (Size.FEW, (), ())
    assert {figure.key: figure.share.held for figure in told.aisles}["Vegetables",] is Held.TOO_UNSURE
    assert await shop.debits() == {"count:2026-Q4": 2_500, "products:2026-Q4": 40_000}


async def test_a_small_shop_tells_nothing_but_its_size_before_the_years_last_quarter(shop: Shop) -> None:
    await shop.sells(*SKUS)
    summer = QUARTER.previous
    await shop.opens(summer)
    await shop.sold(many(200), quarter=summer)
    shop.clock.advance(days=-90)

    await shop.releases(summer)

    assert list(await answers(shop)) == ["count:2026-Q3"]


async def test_a_product_that_leaves_the_shelves_or_is_renamed_keeps_its_place_for_the_quarter(shop: Shop) -> None:
    """E74."""
    await shop.sells(*SKUS)
    await shop.asks("UPDATE product SET active = false WHERE sku = 'apples' RETURNING sku")
    await shop.asks("UPDATE product SET name = 'Pulses', aisle = 'Pantry' WHERE sku = 'beans' RETURNING sku")
    await shop.sold(many(1_600))

    await shop.releases()

    told = {figure.key[0]: figure for figure in (await figures(shop)).products}
    assert told["apples"].share.about > 80
    assert told["beans"].names == ("Beans",)


async def test_a_quarter_with_a_day_that_is_not_counted_waits(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold(many(50))
    await shop.asks("UPDATE counted_day SET counted_at = NULL WHERE day = '2026-12-31' RETURNING day")

    with pytest.raises(DaysUncounted):
        await shop.releases()

    assert await shop.debits() == {}


async def test_what_is_deleted_is_not_told_as_if_nobody_had_bought_anything(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold([])
    shop.clock.advance(days=60)

    with pytest.raises(Forgotten):
        await shop.releases()

    assert await answers(shop) == {}


async def test_releases_stand_when_somebody_who_was_counted_is_erased(shop: Shop) -> None:
    """E65: the number before and after is the same, so that nothing can be worked out of the two."""
    await shop.sells(*SKUS)
    erased, *_ = await shop.sold(many(1_600))
    await shop.releases()
    before = await answers(shop)

    await shop.asks("DELETE FROM habit WHERE pseudonym = :erased RETURNING sku", erased=erased)
    await shop.releases()

    assert await answers(shop) == before
    assert await shop.debits() == WHOLE


async def test_many_workers_at_once_tell_one_thing_and_pay_once(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold(many(1_600))

    await asyncio.gather(*(shop.releases() for _ in range(4)))

    assert await shop.debits() == WHOLE
    assert len(await answers(shop)) == len(WHOLE)


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def deadly() -> Iterator[list[tuple[int, Step]]]:
    """Dies once wherever a process can die in a release: at every step of the first question, the second …"""
    died: list[tuple[int, Step]] = []
    questions = 0

    def die(name: Step) -> None:
        nonlocal questions
        questions += name == "release.debited"
        if name.startswith("release.") and (questions, name) not in died:
            died.append((questions, name))
            questions = 0
            raise Crash

    steps.listen(die)
    yield died
    steps.listen(None)


async def test_whoever_dies_at_any_step_is_followed_by_one_who_pays_nothing_twice(
    shop: Shop, deadly: list[tuple[int, Step]]
) -> None:
    """A crash between debit and answer costs budget once and privacy never: what was kept is never drawn again."""
    await shop.sells(*SKUS)
    await shop.sold(many(1_600))
    kept: dict[str, object] = {}

    for _ in range(40):
        try:
            await shop.releases()
        except Crash:
            now = await answers(shop)
            assert kept.items() <= now.items()
            kept = now
        else:
            break

    # For the baskets the products are asked again: there is an answer, and nothing to die at but the way to it.
    steps_of = Counter(name for _, name in deadly)
    assert steps_of == {"release.debited": 6, "release.counted": 5, "release.drawn": 5, "release.answered": 5}
    assert await shop.debits() == WHOLE
    assert kept == await answers(shop)


async def test_everything_an_answer_holds_is_in_the_register(shop: Shop) -> None:
    await shop.sells(*SKUS)
    await shop.sold(many(1_600))
    await shop.releases()

    async with shop.db.snapshot() as tx:
        gaps = await examine(tx)
        kinds = (await tx.execute(sa.text("SELECT DISTINCT kind FROM release ORDER BY 1"))).scalars().all()

    assert gaps == []
    assert kinds == ["aisles", "baskets", "breadth", "count", "products"]
