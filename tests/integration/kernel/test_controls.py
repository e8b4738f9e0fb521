"""What is kept of every run of a control."""

from datetime import timedelta

from kalecart.controls import ControlRun, last_runs, record_control, runs_of
from kalecart.database import Database
from tests.clock import FakeClock


async def test_the_last_run_of_each_control_is_what_counts(db: Database, clock: FakeClock) -> None:
    now = clock.now()
    async with db.transaction() as tx:
        await record_control(tx, "restore_drill", passed=False, detail="1 of 3 read", now=now)
        await record_control(tx, "restore_drill", passed=True, detail="3 of 3 read", now=now + timedelta(days=1))
        await record_control(tx, "audit_proof", passed=True, detail="whole", now=now)
        last = await last_runs(tx)
        runs = await runs_of(tx, "restore_drill", limit=5)

    latest = ControlRun(control="restore_drill", ran_at=now + timedelta(days=1), passed=True, detail="3 of 3 read")
    assert last["restore_drill"] == latest
    assert set(last) == {"restore_drill", "audit_proof"}
    assert [run.passed for run in runs] == [True, False]
