"""What was told after a backup is not told once more, with other noise, by the shop that is restored from it (C6)."""

from datetime import datetime, timedelta

import pytest

from kalecart.analytics.answer_share import answer_share
from kalecart.analytics.ask_share import CountedNotYet, ask_share
from kalecart.analytics.budget import BudgetSpent
from kalecart.analytics.close_envelopes import close_envelopes
from kalecart.figures.reads import exceptions
from kalecart.surveys.survey import Kind
from tests.integration.releases.test_release_survey import answered, closed_survey, releases
from tests.told import QUARTER, Shop

PEOPLE = [{"kale"}] * 1_500


async def restored(shop: Shop, *, since: datetime) -> None:
    """As `./kale restore` leaves a copy from `since`, now."""
    async with shop.db.transaction() as tx:
        await close_envelopes(tx, since=since, now=shop.clock.now())


async def broken(shop: Shop) -> set[str]:
    async with shop.web.snapshot() as tx:
        return {rule for rule, count in (await exceptions(tx, now=shop.clock.now())).items() if count}


async def test_a_quarter_that_may_have_been_released_since_the_backup_is_not_released_again(shop: Shop) -> None:
    await shop.sells("kale", "milk")
    await shop.sold(PEOPLE)
    backup = shop.clock.now()
    shop.clock.advance(hours=1)
    await restored(shop, since=backup)

    await shop.releases()

    assert (await shop.debits(), await shop.asks("SELECT key FROM release")) == ({}, [])
    shop.clock.advance(days=8)
    assert await broken(shop) == set()
    with pytest.raises(CountedNotYet):
        await ask_share(QUARTER, "kale", by=shop.member, db=shop.web, clock=shop.clock)


async def test_what_was_answered_before_the_backup_stands_and_what_was_only_paid_for_is_never_answered(
    shop: Shop,
) -> None:
    await shop.sells("kale", "milk")
    await shop.sold(PEOPLE)
    await shop.releases()
    await shop.opens(QUARTER.next)
    told = await shop.asks("SELECT key, answer FROM release_answer ORDER BY key")
    paid = await ask_share(QUARTER, "kale", by=shop.member, db=shop.web, clock=shop.clock)
    await restored(shop, since=shop.clock.now())

    await answer_share(paid.key, None, db=shop.counting, clock=shop.clock)
    await shop.releases()
    with pytest.raises(BudgetSpent) as refused:
        await ask_share(QUARTER, "kale", by=shop.member, db=shop.web, clock=shop.clock)

    assert await shop.asks("SELECT key, answer FROM release_answer ORDER BY key") == told
    assert refused.value.members["renews_on"] == "2028-01-01"
    assert await broken(shop) == set()


async def test_answers_to_a_survey_that_may_have_been_told_since_the_backup_are_not_told_again(shop: Shop) -> None:
    await shop.opens(QUARTER)
    survey_id, (often,) = await closed_survey(shop, Kind.CHOICE)
    await answered(shop, survey_id, often, ["Daily"] * 2_000)
    await restored(shop, since=shop.clock.now() - timedelta(days=1))

    assert await releases(shop, survey_id) == []
    assert await shop.debits() == {}


async def test_what_could_not_have_been_told_yet_is_told_when_its_time_comes(shop: Shop) -> None:
    await restored(shop, since=shop.clock.now() - timedelta(days=1))
    later = QUARTER.next.next.next

    open_ones = {row.id for row in await shop.asks("SELECT id FROM envelope WHERE cap_microrho > 1")}

    assert {f"count:{QUARTER.next}", f"products:{QUARTER.next}", f"survey:{later}", "question:2028"} <= open_ones
    assert not open_ones & {f"count:{QUARTER}", f"survey:{QUARTER}", f"survey:{QUARTER.next}", "question:2027"}
