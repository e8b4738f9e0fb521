"""Destroy on time what reached the shop without consent: its key, then the content; the record stays (C4)."""

from typing import Final

from kalecart import audit, controls, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.sources import reads, store
from kalecart.tombstones import shred

BATCH_MAX: Final = 50


async def destroy_sources(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Everything whose day has come; returns how many. A run that is killed in between leaves the rest to the next."""
    gone = 0
    while True:
        now = clock.now()
        async with db.transaction() as tx:
            due = await store.take_due(tx, now=now, most=BATCH_MAX)
            for source_id in due:
                await shred(tx, source_id, now=now, scope="source")
                subject = ("unconsented_source", source_id)
                await audit.record(tx, "source_destroyed", by=audit.SHOP, subject=subject, now=now)
            if due:
                await store.destroy(tx, due, now=now)
            else:
                late = await reads.overdue(tx, now=now)
                detail = f"{gone} destroyed, {late} late"
                await controls.record_sometimes(tx, "sources_destroyed", passed=not late, detail=detail, now=now)
                await tasks.finish(tx, held, now=now)
                return gone
        gone += len(due)
