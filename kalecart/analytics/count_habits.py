"""Count what was bought on a day: each product once for each pseudonym, and the day (C6)."""

from datetime import date
from typing import Final

import structlog

from kalecart import tasks
from kalecart.analytics import reads_habits, store
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Unavailable

TRIES: Final = 5

log = structlog.get_logger()


async def count_habits(day: date, held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """How many rows changed. Counting a day again changes what came late, and otherwise nothing.

    Somebody may take their consent back while we count, and their pseudonym is gone before their habit is written: then
    it is counted once more, without them. Raises Unavailable where that happens again and again.
    """
    for _ in range(TRIES):
        try:
            async with db.transaction() as tx:
                now = clock.now()
                await reads_habits.make_room(tx)
                changed = await store.count_day(tx, day, now=now)
                await tasks.finish(tx, held, now=now)
        except ConstraintBroken as broken:
            if broken.constraint != "habit_pseudonym_known":
                raise
        else:
            log.info("day_counted", count=changed)
            return changed
    raise Unavailable("Too many people were leaving while we counted.")
