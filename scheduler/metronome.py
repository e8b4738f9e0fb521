"""APScheduler as a metronome: it says "now", every few seconds, and keeps nothing.

Its job store is memory, a late tick runs at once and late ticks run as one. A tick that raises would silently end
APScheduler's life, so a tick never does; one that hangs ends the process, and whoever supervises it starts another.
It waits for an instant of the wall's clock: set back by an hour, that is an hour away, so `keep_awake` counts along.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.scheduling import beat, promise_slots

TICK_S: Final = 5
TICK_WITHIN_S: Final = 30

log = structlog.get_logger()


async def tick(*, db: Database, clock: Clock, name: str) -> None:
    """Promise what the present slot of each timed job asks for, and leave a heartbeat."""
    await promise_slots(db=db, now=clock.now(), by=name)
    await beat(name, db=db, now=clock.now())


def metronome(act: Callable[[], Awaitable[None]], give_up: Callable[[], None]) -> AsyncIOScheduler:
    """Call `act` every few seconds; `give_up` when one call hangs."""

    async def guarded() -> None:
        try:
            await asyncio.wait_for(act(), TICK_WITHIN_S)
        except KaleCartError as error:
            log.warning("tick_missed", error=type(error).__name__)
        except TimeoutError:
            log.exception("tick_hung", deadline_s=TICK_WITHIN_S)
            give_up()
        except Exception:
            log.exception("tick_broke")
            give_up()

    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        guarded, "interval", seconds=TICK_S, next_run_time=None, misfire_grace_time=None, coalesce=True, max_instances=1
    )
    return scheduler


async def keep_awake(scheduler: AsyncIOScheduler, *, clock: Clock, every_s: float = TICK_S) -> None:
    """Call a tick that is further away than the next one can be: somebody set the clock back."""
    while True:
        await asyncio.sleep(every_s)
        now = clock.now()
        for job in scheduler.get_jobs():
            if _asleep(job.next_run_time, now):
                log.warning("clock_set_back", delay_s=round((job.next_run_time - now).total_seconds()))
                job.modify(next_run_time=now)


def _asleep(next_run_time: datetime | None, now: datetime) -> bool:
    return next_run_time is not None and next_run_time > now + timedelta(seconds=2 * TICK_S)
