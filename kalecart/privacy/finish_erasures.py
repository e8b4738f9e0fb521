"""Erase by itself what an earlier erasure had to keep, once what was in the way is over (E63)."""

from typing import Final

import structlog

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotYet
from kalecart.privacy import store_erasure
from kalecart.privacy.erase import erase_person

BATCH_MAX: Final = 500

log = structlog.get_logger()


async def finish_erasures(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """How many were finished. Whoever still waits is looked at again in the next slot."""
    async with db.snapshot() as tx:
        waiting = await store_erasure.unended(tx, limit=BATCH_MAX)
    finished = 0
    for person in waiting:
        try:
            finished += await erase_person(person, None, db=db, clock=clock)
        except NotYet:
            log.info("erasure_waits", kind=str(person.kind))
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())
    return finished
