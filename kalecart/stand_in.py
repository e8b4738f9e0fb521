"""Whoever is awake keeps the clock while no scheduler does: it promises the slots in their place, and tells staff.

A dead scheduler cannot say that it is dead, so workers and the web look for it. That two of them stand in at once does
no harm, because a slot is taken once.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from kalecart.alerts import close_kinds, raise_only
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.scheduling import promise_slots

SILENT: Final = "clock_silent"
# Longer than schedulers take to start again. A heartbeat of the future is of a clock that nobody should go by.
SILENT_AFTER: Final = timedelta(minutes=1)
LOOK_EVERY_S: Final = 20.0

log = structlog.get_logger()

_TICKING: Final = """
    SELECT EXISTS (SELECT FROM heartbeat
                    WHERE starts_with(name, 'scheduler:') AND beat_at BETWEEN $1 AND $2) AS ticking,
           EXISTS (SELECT FROM alert WHERE kind = $3 AND resolved_at IS NULL) AS told
"""


async def stand_in(kind: str, *, db: Database, clock: Clock) -> bool:
    """Do what the schedulers would, unless one of them does; returns whether none did. `kind` is of this process."""
    now = clock.now()
    async with db.direct() as pg:
        seen = await pg.fetchrow(_TICKING, now - SILENT_AFTER, now + SILENT_AFTER, SILENT)
    if seen["ticking"] == seen["told"]:
        async with db.transaction() as tx:
            if seen["ticking"]:
                await close_kinds(tx, [SILENT], now=now)
            else:
                await raise_only(tx, SILENT, "scheduler", now=now)
    if not seen["ticking"]:
        await promise_slots(db=db, now=now, by=kind)
    return not seen["ticking"]


async def stand_in_forever(kind: str, *, db: Database, clock: Clock) -> None:
    """Look now and then, from a minute after the start on: a shop that is being started has no scheduler yet."""
    await asyncio.sleep(SILENT_AFTER.total_seconds())
    while True:
        try:
            if await stand_in(kind, db=db, clock=clock):
                log.warning("no_scheduler")
        except KaleCartError as error:
            log.warning("tick_missed", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)
