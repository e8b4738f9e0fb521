"""Whoever starts looks at what passed while nobody was awake, with the rights of its own log-in (C13)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from kalecart.allowances import Allowances
from kalecart.database import Database
from kalecart.grants import PRIVACY, WORKER
from kalecart.runtime import Runtime
from tests.clock import FakeClock
from tests.complaining import complains
from tests.people import NO_VALKEY, Door
from tests.server import Clone
from workers.waking import look_about


@pytest.mark.parametrize(("process", "role"), [("worker", WORKER), ("privacy", PRIVACY), ("analytics", None)])
async def test_a_worker_that_starts_takes_the_steps_that_began_while_no_scheduler_lived(
    runtime: Runtime, clock: FakeClock, clone: Clone, process: str, role: str | None
) -> None:
    """Who counts has no right to look, and does not."""
    allowances = Allowances(NO_VALKEY)
    await complains(Door(db=runtime.db, vault=runtime.vault, clock=clock, allowances=allowances))
    await allowances.close()
    clock.advance(days=31)
    own = Database(clone.url(role), pool_size_max=2, application="test") if role else runtime.db
    await look_about(process, replace(runtime, db=own))
    async with runtime.db.snapshot() as tx:
        steps = await tx.scalar(sa.text("SELECT count(*) FROM complaint_step"))
        broken = await tx.scalar(
            sa.text("SELECT count(*) FROM control_run WHERE control = 'complaints' AND NOT passed")
        )
    if role:
        await own.close()

    assert (steps, broken) == ((7, 1) if role else (0, 0))
