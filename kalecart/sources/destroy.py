"""Destroy on time what reached the shop without consent: its key, then the content; the record stays (C4)."""

from datetime import datetime
from typing import Final

from kalecart import audit, controls, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.jobs import DestroySource
from kalecart.sources import reads, store
from kalecart.sources.source import SourceId
from kalecart.staff.member import StaffMember
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
                await _gone(tx, source_id, now=now)
            if due:
                await store.destroy(tx, due, now=now)
            else:
                late = await reads.overdue(tx, now=now)
                detail = f"{gone} destroyed, {late} late"
                await controls.record_sometimes(tx, "sources_destroyed", passed=not late, detail=detail, now=now)
                await tasks.finish(tx, held, now=now)
                return gone
        gone += len(due)


async def ask_destroy(source_id: SourceId, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """The manager has no day waited for: a worker destroys it now, and who asked is on record.

    Raises RoleForbids, and NotFound for what is not there any more.
    """
    by.require("sources:destroy")
    now = clock.now()
    async with db.transaction() as tx:
        if not await reads.is_held(tx, source_id):
            raise NotFound("There is nothing to destroy.")
        await tasks.promise(tx, DestroySource(source_id=source_id), now=now, hinted=False)
        subject = ("unconsented_source", source_id)
        await audit.record(tx, "source_destroy_asked", by=audit.by_staff(by.id), subject=subject, now=now)


async def destroy_source(source_id: SourceId, held: tasks.Held | None, *, db: Database, clock: Clock) -> bool:
    """One, before its day; False where its day came first."""
    now = clock.now()
    async with db.transaction() as tx:
        found = await store.take(tx, source_id)
        if found:
            await _gone(tx, source_id, now=now)
            await store.destroy(tx, [source_id], now=now)
        await tasks.finish(tx, held, now=now)
    return found


async def _gone(tx: Tx, source_id: SourceId, *, now: datetime) -> None:
    """Its key, and that it is gone on record; the content goes in the same transaction.

    What came without content was given no key: one under its number would be somebody else's.
    """
    if await store.sealed(tx, source_id):
        await shred(tx, source_id, now=now, scope="source")
    subject = ("unconsented_source", source_id)
    await audit.record(tx, "source_destroyed", by=audit.SHOP, subject=subject, now=now)
