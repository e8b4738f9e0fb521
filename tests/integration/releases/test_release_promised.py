"""A quarter is released when its days are done, and not before."""

from datetime import UTC, datetime

import pytest

from kalecart.analytics.prepare_count import prepare_count
from tests.clock import FakeClock
from tests.told import QUARTER, Shop

# Three looks at the last day: when it is over, and for what came late a day and two later.
DONE = datetime(2027, 1, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("missed", "promises"), [(None, 1), ("2026-11-26", 0)])
async def test_the_release_is_promised_once_when_no_day_is_left_to_count(
    shop: Shop, missed: str | None, promises: int
) -> None:
    await shop.opens(QUARTER)
    await shop.asks(
        "UPDATE counted_day SET counted_at = :done WHERE day <> CAST(CAST(:missed AS text) AS date) OR :missed IS NULL"
        " RETURNING day",
        done=DONE,
        missed=missed,
    )

    for _ in range(2):
        await prepare_count(None, db=shop.db, clock=FakeClock(DONE))

    promised = await shop.asks("SELECT arguments FROM task WHERE topic = 'release_quarter'")
    assert [row.arguments for row in promised] == [{"quarter": "2026-Q4"}] * promises


async def test_nothing_is_released_while_somebody_may_still_come_late(shop: Shop) -> None:
    early = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    await shop.opens(QUARTER)
    await shop.asks("UPDATE counted_day SET counted_at = :early RETURNING day", early=early)

    await prepare_count(None, db=shop.db, clock=FakeClock(early))

    assert await shop.asks("SELECT key FROM task WHERE topic = 'release_quarter'") == []
