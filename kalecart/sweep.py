"""The sweeper: pushes due tasks that nobody picked up, and frees those whose worker died.

Runs in every worker and scheduler, so there are always several; `SKIP LOCKED` keeps them out of each other's way.
"""

import asyncio
from typing import Final

import structlog

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.errors import KaleCartError

INTERVAL_S: Final = 0.5

log = structlog.get_logger()


async def sweep(*, db: Database, clock: Clock, dispatcher: Dispatcher) -> int:
    """One round; returns how many hints were pushed."""
    now = clock.now()
    async with db.transaction() as tx:
        rescued = await tasks.rescue(tx, now=now)
        due = await tasks.due_for_push(tx, now=now)
    for task_id, topic in due:
        dispatcher.hint(task_id, topic)
    if rescued:
        log.warning("leases_lapsed", count=rescued)
    return len(due)


async def sweep_forever(*, db: Database, clock: Clock, dispatcher: Dispatcher) -> None:
    """Rounds without end. A database that is away is waited for, and said once for each round missed."""
    while True:
        try:
            await sweep(db=db, clock=clock, dispatcher=dispatcher)
        except KaleCartError as error:
            log.warning("sweep_missed", error=type(error).__name__)
        await asyncio.sleep(INTERVAL_S)
