"""Offer delivery windows for the days ahead."""

from datetime import timedelta

from kalecart import tasks
from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.windows import store
from kalecart.windows.window import DAYS_AHEAD, windows_of


async def open_windows(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Add the windows missing between today and `DAYS_AHEAD`; doing it again adds nothing."""
    now = clock.now()
    today = shop_date(now)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
    async with db.transaction() as tx:
        added = await store.add(tx, (window for day in days for window in windows_of(day)))
        await tasks.finish(tx, held, now=now)
    return added
