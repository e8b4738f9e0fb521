"""APScheduler as a metronome: it says "now", every few seconds, and keeps nothing.

Its job store is memory, a late tick runs at once and late ticks run as one. A tick that raises would silently end
APScheduler's life, so a tick never does; one that hangs ends the process, and whoever supervises it starts another.
"""

import asyncio
from collections.abc import Awaitable, Callable
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
    now = clock.now()
    await promise_slots(db=db, now=now)
    await beat(name, db=db, now=now)


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
