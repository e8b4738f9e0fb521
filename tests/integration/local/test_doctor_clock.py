"""`./kale doctor clock`: what is late and whose clock is wrong, measured by PostgreSQL's own."""

from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest
import sqlalchemy as sa

from kalecart.clockwork import GRACE
from kalecart.database import Database
from kalecart.grants import DOCTOR
from kalecart.scheduling import beat, heartbeat, timed_run
from kalecart.timetable import TIMETABLE
from local.checkup import Finding
from local.clock import examine_clock
from scheduler.metronome import tick
from tests.clock import FakeClock
from tests.server import Clone


async def real(db: Database) -> FakeClock:
    """PostgreSQL's time, standing still."""
    async with db.direct() as pg:
        return FakeClock((await pg.fetchval("SELECT clock_timestamp()")).astimezone(UTC))


async def examined(clone: Clone) -> list[Finding]:
    as_doctor = Database(clone.url(DOCTOR), pool_size_max=2, application="test")
    try:
        return await examine_clock(db=as_doctor)
    finally:
        await as_doctor.close()


def ill(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.what: finding.state for finding in findings if not finding.well}


async def test_a_shop_whose_scheduler_just_ticked_is_well(clone: Clone, db: Database) -> None:
    await tick(db=db, clock=await real(db), name="scheduler:host:1")

    findings = await examined(clone)

    assert not ill(findings)
    assert [finding.what for finding in findings] == ["schedulers", "timetable"]


async def test_with_no_scheduler_every_job_that_is_late_is_named(clone: Clone, db: Database) -> None:
    now = await real(db)
    await tick(db=db, clock=FakeClock(now.now() - timedelta(days=2)), name="scheduler:host:1")

    found = ill(await examined(clone))

    assert set(found) >= {"schedulers", "timetable", "tend_surveys", "prune"}
    assert found["schedulers"].startswith("0 alive")
    assert found["prune"].startswith("late by ")


@pytest.mark.parametrize(
    # Just beyond what is let pass, and a minute for the time until PostgreSQL sees the beat.
    ("wrong_by", "word"),
    [(76, "ahead of"), (86_400, "ahead of"), (-16, "behind"), (-86_400, "behind")],
)
async def test_a_process_that_beats_by_a_wrong_clock_is_named_with_how_far_it_is_off(
    clone: Clone, db: Database, wrong_by: int, word: str
) -> None:
    clock = await real(db)
    await beat("scheduler:host:2", db=db, now=clock.now() + timedelta(seconds=wrong_by))
    await tick(db=db, clock=clock, name="scheduler:host:1")

    findings = await examined(clone)

    found = ill(findings)
    assert list(found) == ["scheduler:host:2"]
    assert f"s {word} PostgreSQL's" in found["scheduler:host:2"]
    assert findings[0].state.startswith("1 alive")


@pytest.mark.parametrize("wrong_by", [timedelta(), timedelta(hours=1)])
async def test_a_process_that_was_stopped_is_not_taken_for_one_whose_clock_is_wrong(
    clone: Clone, db: Database, wrong_by: timedelta
) -> None:
    clock = await real(db)
    await beat("scheduler:host:2", db=db, now=clock.now() - timedelta(hours=2) + wrong_by)
    async with db.transaction() as tx:
        await tx.execute(sa.update(heartbeat).values(seen_at=clock.now() - timedelta(hours=2)))
    await tick(db=db, clock=clock, name="scheduler:host:1")

    assert not ill(await examined(clone))


async def test_a_slot_that_nobody_took_is_late_though_schedulers_live(clone: Clone, db: Database) -> None:
    clock = await real(db)
    await tick(db=db, clock=clock, name="scheduler:host:1")
    async with db.transaction() as tx:
        await tx.execute(sa.delete(timed_run).where(timed_run.c.job == "prune"))

    found = ill(await examined(clone))

    began = next(timed for timed in TIMETABLE if timed.name == "prune").slot_of.began((await real(db)).now())
    assert "prune" in found or clock.now() <= began + GRACE  # just after midnight in the shop, or before
