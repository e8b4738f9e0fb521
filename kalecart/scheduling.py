"""What the scheduler leaves behind: which slot of which timed job ran, and that it is alive."""

import asyncio
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.jobs import Job
from kalecart.tables import metadata
from kalecart.timetable import TIMETABLE

# Two schedulers tick at once; the row says which of them was first.
timed_run: Final = sa.Table(
    "timed_run",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
)

heartbeat: Final = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
    # How a worker comes by its tasks: `hints`, or `direct` while Valkey is away.
    sa.Column("mode", sa.Text),
)

BEAT_S: Final = 5
ALIVE_WITHIN: Final = timedelta(seconds=30)
KEEP_BEATS: Final = timedelta(days=1)

log = structlog.get_logger()


async def promise_slots(*, db: Database, now: datetime) -> int:
    """Promise what the present slot of each timed job asks for, where nobody has; returns how many. Whoever is awake
    may: the slots stop two from doing the same."""
    promised = 0
    for timed in TIMETABLE:
        slot = timed.slot_of(now)
        if await promise_slot(timed.name, slot, timed.job_of(slot), db=db, now=now):
            log.info("slot_promised", job=timed.name, slot=slot)
            promised += 1
    return promised


async def promise_slot(name: str, slot: str, job: Job, *, db: Database, now: datetime) -> bool:
    """Take a slot of a timed job and promise its work, in one transaction; False where it was taken (E44)."""
    async with db.transaction() as tx:
        row = insert(timed_run).values(job=name, slot=slot, ran_at=now)
        taken = await tx.execute(row.on_conflict_do_nothing().returning(timed_run.c.slot))
        if taken.scalar_one_or_none() is None:
            return False
        await tasks.promise(tx, job, now=now)
    return True


def process_name(kind: str) -> str:
    """What this process is called in the table: `worker:host:pid`."""
    return f"{kind}:{socket.gethostname()}:{os.getpid()}"


async def beat_forever(kind: str, *, db: Database, clock: Clock, mode: Callable[[], str | None] = lambda: None) -> None:
    """Beats without end. A database that is away is what a missing beat says, so nothing else is done about it."""
    name = process_name(kind)
    while True:
        try:
            await beat(name, db=db, now=clock.now(), mode=mode())
        except KaleCartError as error:
            log.warning("beat_missed", error=type(error).__name__)
        await asyncio.sleep(BEAT_S)


async def is_alive(kind: str, *, db: Database, now: datetime) -> bool:
    """Whether a process of this kind on this host has given a sign of life lately."""
    mine = heartbeat.c.name.startswith(f"{kind}:{socket.gethostname()}:", autoescape=True)
    fresh = heartbeat.c.beat_at > now - ALIVE_WITHIN
    async with db.transaction() as tx:
        return bool(await tx.scalar(sa.select(sa.exists().where(mine, fresh))))


async def beat(name: str, *, db: Database, now: datetime, mode: str | None = None) -> None:
    """Say that this process is alive, and forget those that were not for a day."""
    row = insert(heartbeat).values(name=name, beat_at=now, mode=mode)
    async with db.transaction() as tx:
        await tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"beat_at": now, "mode": mode}))
        await tx.execute(sa.delete(heartbeat).where(heartbeat.c.beat_at < now - KEEP_BEATS))
