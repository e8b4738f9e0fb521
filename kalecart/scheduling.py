"""What the scheduler leaves behind: which slot of which timed job ran, and that it is alive."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.tables import metadata
from kalecart.timetable import TIMETABLE, Timed

# Two schedulers tick at once; the row says which of them was first, or which kind of process stood
# in for them: `worker` or `web`.
timed_run: Final = sa.Table(
    "timed_run",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("taken_by", sa.Text),
)

heartbeat: Final = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
    # How a worker comes by its tasks: `hints`, or `direct` while Valkey is away.
    sa.Column("mode", sa.Text),
    # The same moment by PostgreSQL's clock, which all processes share: who is wrong about the time is seen by it.
    sa.Column("seen_at", sa.DateTime(timezone=True)),
)

BEAT_S: Final = 5
ALIVE_WITHIN: Final = timedelta(seconds=30)
KEEP_BEATS: Final = timedelta(days=1)

log = structlog.get_logger()


# Nobody waits for whoever is at a slot already: its lock says so. A process that freezes with slots in its hands loses
# them when its transaction has lasted too long, whatever it was about to say.
_TAKE: Final = sa.text("""
    WITH free AS MATERIALIZED (
        SELECT job, slot FROM unnest(:jobs, :slots) AS present (job, slot)
         WHERE NOT EXISTS (SELECT FROM timed_run WHERE (timed_run.job, timed_run.slot) = (present.job, present.slot))
    )
    INSERT INTO timed_run (job, slot, ran_at, taken_by)
    SELECT job, slot, :now, :by FROM free WHERE pg_try_advisory_xact_lock(:turn, hashtext(job || ' ' || slot))
        ON CONFLICT DO NOTHING
 RETURNING job, slot
""").bindparams(
    sa.bindparam("jobs", type_=ARRAY(sa.Text)),
    sa.bindparam("slots", type_=ARRAY(sa.Text)),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("turn", type_=sa.Integer),
)
_TURN: Final = 0x510
_HOLD_NO_LONGER: Final = sa.text("SELECT set_config('transaction_timeout', '15s', true)")


async def promise_slots(*, db: Database, now: datetime, by: str, timetable: Sequence[Timed] = TIMETABLE) -> int:
    """Promise what the present slot of each timed job asks for, where nobody has; returns how many.

    Whoever is awake may: a slot is taken once, in one transaction with its promise (E44). `by` is who does, by the name
    of its process or by its kind.
    """
    slots = {timed.name: timed.slot_of(now) for timed in timetable}
    async with db.transaction() as tx:
        values = {"jobs": list(slots), "slots": list(slots.values()), "now": now, "by": by, "turn": _TURN}
        await tx.execute(_HOLD_NO_LONGER)
        taken = {row.job for row in await tx.execute(_TAKE, values)}
        jobs = [timed.job_of(slots[timed.name]) for timed in timetable if timed.name in taken]
        await tasks.promise_each(tx, jobs, now=now)
    for job in sorted(taken):
        log.info("slot_promised", job=job, slot=slots[job])
    return len(taken)


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
    """Say that this process is alive, and forget those that PostgreSQL has not seen for a day."""
    async with db.direct() as pg:
        await pg.execute(_BEAT, name, now, mode, KEEP_BEATS)


# One statement: every process says it every few seconds.
_BEAT: Final = """
    WITH gone AS (
        DELETE FROM heartbeat WHERE name <> $1 AND name IN (
            SELECT name FROM heartbeat WHERE coalesce(seen_at, beat_at) < clock_timestamp() - $4::interval
               FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO heartbeat (name, beat_at, mode, seen_at) VALUES ($1, $2, $3, clock_timestamp())
        ON CONFLICT (name)
        DO UPDATE SET beat_at = excluded.beat_at, mode = excluded.mode, seen_at = excluded.seen_at
"""
