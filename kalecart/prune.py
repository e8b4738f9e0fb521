"""Remove what protects nothing any more: finished tasks, settled events, ended log-ins, old slots, notes of messages
that were read, files of figures.

A done task is kept for a while because its unique key is what stops the same work from being promised twice.
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.figures import store as figures

KEEP_DONE: Final = timedelta(days=14)
BATCH_MAX: Final = 5_000
# In one run. The clock alone asks for five thousand tasks a day.
BATCHES_MAX: Final = 200

# What is removed, and by which of its times.
FINISHED: Final = (
    ("task", "id", "state IN ('done', 'discarded') AND ended_at < :before"),
    ("inbox", "event_id", "settled_at < :before"),
    ("session", "token_hash", "expires_at < :before"),
    ("staff_session", "token_hash", "expires_at < :before"),
    ("staff_challenge", "token_hash", "expires_at < :before"),
    ("inbound_message", "id", "read_at < :before"),
    ("timed_run", "ctid", "ran_at < :before"),
)


async def prune(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """A transaction for each `BATCH_MAX` rows, so that none grows long; returns how many are gone."""
    now = clock.now()
    gone = 0
    for table, key, ended in FINISHED:
        gone += await _emptied(db, table, key, ended, before=now - KEEP_DONE)
    async with db.transaction() as tx:
        gone += await figures.let_go(tx, now=now)
        await tasks.finish(tx, held, now=clock.now())
    return gone


async def _emptied(db: Database, table: str, key: str, ended: str, *, before: datetime) -> int:
    gone = 0
    for _ in range(BATCHES_MAX):
        async with db.transaction() as tx:
            removed = await _remove(tx, table, key, ended, before=before)
        gone += removed
        if removed < BATCH_MAX:
            break
    return gone


async def _remove(tx: Tx, table: str, key: str, ended: str, *, before: datetime) -> int:
    rows = sa.text(
        f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {ended} LIMIT {BATCH_MAX})"  # noqa: S608  # names from the table above
    ).bindparams(sa.bindparam("before", type_=sa.DateTime(timezone=True)))
    return (await tx.execute(rows, {"before": before})).rowcount
