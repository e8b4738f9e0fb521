"""What protects nothing any more is removed, however much of it a day brings."""

from datetime import timedelta

import sqlalchemy as sa

from kalecart.database import Database
from kalecart.grants import WORKER
from kalecart.prune import BATCH_MAX, KEEP_DONE, prune
from kalecart.scheduling import timed_run
from tests.clock import FakeClock
from tests.server import Clone

_OLD = sa.text("""
    INSERT INTO timed_run (job, slot, ran_at) SELECT 'prune', n::text, :at FROM generate_series(1, :many) AS n
""").bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))


async def test_more_than_a_batch_is_removed_in_one_run_and_what_still_protects_stays(
    clone: Clone, db: Database, clock: FakeClock
) -> None:
    async with db.transaction() as tx:
        await tx.execute(_OLD, {"at": clock.now() - KEEP_DONE - timedelta(seconds=1), "many": 2 * BATCH_MAX + 1})
        await tx.execute(sa.insert(timed_run).values(job="prune", slot="young", ran_at=clock.now() - KEEP_DONE))
    worker = Database(clone.url(WORKER), pool_size_max=2, application="test")

    assert await prune(None, db=worker, clock=clock) == 2 * BATCH_MAX + 1
    async with worker.snapshot() as tx:
        assert list(await tx.scalars(sa.select(timed_run.c.slot))) == ["young"]
    await worker.close()
