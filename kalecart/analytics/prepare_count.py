"""Make ready what counting needs: days of the calendar, what is on sale, the year's budget, and who is counted."""

from datetime import date

from kalecart import tasks
from kalecart.analytics import store, store_releases
from kalecart.analytics.budget import envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.clock import Clock, shop_date
from kalecart.consent.store import hold_pseudonyms
from kalecart.database import Database
from kalecart.jobs import CountHabits, ReleaseQuarter


async def prepare_count(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Promise the count of every day that is over and was not looked at since that was due, however many were missed.

    A day is one transaction: its pseudonyms and the promise of its count stand together. Doing it again adds nothing.
    A quarter whose days are done is released.
    """
    now = clock.now()
    quarter = Quarter.of(shop_date(now))
    quarters = [each for each in (quarter.previous, quarter) if now < each.counted_until()]
    async with db.transaction() as tx:
        for each in quarters:
            await store.add_days(tx, each)
        # A survey that closes early pays out of the quarter that it was to end in: at most the next one.
        for year in sorted({each.year for each in (*quarters, quarter.next)}):
            await store_releases.open_envelopes(tx, envelopes_of(year))
        await store_releases.keep_products(tx, quarter)
        days = await store.days_of(tx, quarters)
    for day in days:
        look = day.look_due(now)
        if look is not None:
            await _prepare(day.day, look, db=db, clock=clock)
    async with db.transaction() as tx:
        for each in quarters:
            if all(day.done(now) for day in days if Quarter.of(day.day) == each):
                await tasks.promise(tx, ReleaseQuarter(quarter=str(each)), now=now, hinted=False)
        await tasks.finish(tx, held, now=now)


async def _prepare(day: date, look: int, *, db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        await hold_pseudonyms(tx)
        now = clock.now()
        await store.give_pseudonyms(tx, day, now=now)
        await tasks.promise(tx, CountHabits(day=day.isoformat(), look=look), now=now, hinted=False)
