"""Remove what protects nothing any more: finished tasks, settled events, ended log-ins, old slots, files of figures.

A done task is kept for a while because its unique key is what stops the same work from being promised twice.
"""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.figures import store as figures

KEEP_DONE: Final = timedelta(days=14)
BATCH_MAX: Final = 5_000

# What is removed, and by which of its times.
FINISHED: Final = (
    ("task", "id", "state IN ('done', 'discarded') AND ended_at < :before"),
    ("inbox", "event_id", "settled_at < :before"),
    ("session", "token_hash", "expires_at < :before"),
    ("staff_session", "token_hash", "expires_at < :before"),
    ("timed_run", "ctid", "ran_at < :before"),
)


async def prune(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """At most `BATCH_MAX` rows of each table a run, so that no transaction grows long."""
    now = clock.now()
    gone = 0
    async with db.transaction() as tx:
        for table, key, ended in FINISHED:
            gone += await _remove(tx, table, key, ended, before=now - KEEP_DONE)
        gone += await figures.let_go(tx, now=now)
        await tasks.finish(tx, held, now=now)
    return gone


async def _remove(tx: Tx, table: str, key: str, ended: str, *, before: object) -> int:
    rows = sa.text(
        f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {ended} LIMIT {BATCH_MAX})"  # noqa: S608  # names from the table above
    ).bindparams(sa.bindparam("before", type_=sa.DateTime(timezone=True)))
    return (await tx.execute(rows, {"before": before})).rowcount
