"""Make ready what counting needs: the days of the calendar, what is on sale, and the year's budget."""

from kalecart import tasks
from kalecart.analytics import store, store_releases
from kalecart.analytics.budget import envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.clock import Clock, shop_date
from kalecart.database import Database


async def prepare_count(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Add the days of this quarter and the last one; doing it again adds nothing."""
    now = clock.now()
    quarter = Quarter.of(shop_date(now))
    async with db.transaction() as tx:
        for each in (quarter.previous, quarter):
            await store.add_days(tx, each)
            await store_releases.open_envelopes(tx, envelopes_of(each.year))
        await store_releases.keep_products(tx, quarter)
        await tasks.finish(tx, held, now=now)
