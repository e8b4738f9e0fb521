"""Backups and drills are run from outside the shop: it notices when they are not."""

from collections.abc import Sequence
from datetime import timedelta

from kalecart.alerts import open_alerts
from kalecart.controls import record_control
from kalecart.database import Database
from kalecart.grants import WORKER
from kalecart.openness.watch_safeguards import WRONG, watch_safeguards
from kalecart.policy.publish import publish_policy
from tests.clock import FakeClock
from tests.server import Clone


async def test_without_a_backup_for_two_days_staff_are_alerted_until_there_is_one(
    clone: Clone, db: Database, clock: FakeClock
) -> None:
    """C8. The shop is new at first: nothing is overdue that had no time."""
    worker = Database(clone.url(WORKER), pool_size_max=2, application="test")

    async def alerted() -> Sequence[str]:
        await watch_safeguards(None, db=worker, clock=clock)
        async with worker.direct() as pg:
            return sorted(await open_alerts(pg, WRONG))

    async def ran(control: str, *, passed: bool = True) -> None:
        clock.advance(minutes=5)
        async with db.transaction() as tx:
            await record_control(tx, control, passed=passed, detail="", now=clock.now())

    await publish_policy(db=db, clock=clock)
    assert await alerted() == []
    clock.advance(hours=49)
    assert await alerted() == await alerted() == ["backup"]
    await ran("backup")
    assert await alerted() == []
    await ran("restore_drill", passed=False)
    assert await alerted() == ["restore_drill"]
    await ran("restore_drill")
    assert await alerted() == []
    clock.advance(seconds=timedelta(days=36).total_seconds())
    assert await alerted() == ["backup", "restore_drill"]
    await worker.close()
