"""What the scheduler leaves behind: which slot of which timed job ran, and that it is alive."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart import tasks
from kalecart.database import Database
from kalecart.jobs import Job
from kalecart.tables import metadata

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
)

KEEP_BEATS: Final = timedelta(days=1)


async def promise_slot(name: str, slot: str, job: Job, *, db: Database, now: datetime) -> bool:
    """Take a slot of a timed job and promise its work, in one transaction; False where it was taken (E44)."""
    async with db.transaction() as tx:
        row = insert(timed_run).values(job=name, slot=slot, ran_at=now)
        taken = await tx.execute(row.on_conflict_do_nothing().returning(timed_run.c.slot))
        if taken.scalar_one_or_none() is None:
            return False
        await tasks.promise(tx, job, now=now)
    return True


async def beat(name: str, *, db: Database, now: datetime) -> None:
    """Say that this process is alive, and forget those that were not for a day."""
    row = insert(heartbeat).values(name=name, beat_at=now)
    async with db.transaction() as tx:
        await tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"beat_at": now}))
        await tx.execute(sa.delete(heartbeat).where(heartbeat.c.beat_at < now - KEEP_BEATS))
