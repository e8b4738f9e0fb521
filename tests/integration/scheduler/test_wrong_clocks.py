"""Schedulers that are wrong about the time, by days, or by more than once: no slot twice, and none lost."""

import asyncio
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.clockwork import Standing, look
from kalecart.database import Database
from kalecart.scheduling import timed_run
from kalecart.tasks import task
from kalecart.timetable import TIMETABLE, daily
from scheduler.metronome import tick
from tests.clock import FakeClock

BY_NAME = {timed.name: timed for timed in TIMETABLE}


async def counted(db: Database) -> tuple[int, int]:
    """Slots taken, and work promised."""
    async with db.snapshot() as tx:
        slots = await tx.scalar(sa.select(sa.func.count()).select_from(timed_run))
        return slots or 0, await tx.scalar(sa.select(sa.func.count()).select_from(task)) or 0


async def all_started(db: Database, clock: FakeClock) -> bool:
    async with db.direct() as pg:
        seen = await look(pg, now=clock.now())
    return {run.standing for run in seen.runs} == {Standing.STARTED}


@pytest.mark.parametrize("wrong_by", [timedelta(days=1), timedelta(days=-1), timedelta(days=40)])
async def test_of_two_schedulers_one_is_days_wrong_and_no_slot_is_lost_taken_twice_or_worked_on_at_another_time(
    db: Database, clock: FakeClock, wrong_by: timedelta
) -> None:
    """E44."""
    wrong = FakeClock(clock.now() + wrong_by)
    for _ in range(9):
        await asyncio.gather(
            tick(db=db, clock=clock, name="scheduler:right:1"), tick(db=db, clock=wrong, name="scheduler:wrong:2")
        )
        assert await all_started(db, clock)
        clock.advance(hours=8)
        wrong.advance(hours=8)

    slots, promised = await counted(db)
    assert slots == promised
    async with db.snapshot() as tx:
        work = (await tx.execute(sa.select(task.c.topic, task.c.arguments, task.c.due_at))).all()
    assert [row for row in work if BY_NAME[row.topic].slot_of(row.due_at) != row.arguments["slot"]] == []
    days = {row.arguments["slot"] for row in work if row.topic == "prune"}
    assert {daily(clock.now() - timedelta(days=back)) for back in range(1, 4)} <= days


async def test_a_clock_that_is_set_back_finds_its_slots_taken_and_promises_nothing(
    db: Database, clock: FakeClock
) -> None:
    for _ in range(12):
        await tick(db=db, clock=clock, name="scheduler:host:1")
        clock.advance(minutes=10)
    before = await counted(db)
    clock.advance(minutes=-120)
    for _ in range(12):
        await tick(db=db, clock=clock, name="scheduler:host:1")
        clock.advance(minutes=10)

    assert await counted(db) == before


async def test_a_clock_that_jumps_back_and_forth_takes_each_slot_it_comes_to_once(
    db: Database, clock: FakeClock
) -> None:
    chance = random.Random(44)
    came_to = set()
    for _ in range(60):
        now = clock.advance(minutes=chance.choice((1, 7, 45, 600, -1, -90, -1500)))
        came_to |= {(timed.name, timed.slot_of(now)) for timed in TIMETABLE}
        await tick(db=db, clock=clock, name="scheduler:host:1")
        assert await all_started(db, clock)

    async with db.snapshot() as tx:
        taken = [tuple(row) for row in await tx.execute(sa.select(timed_run.c.job, timed_run.c.slot))]
        work = await tx.execute(sa.select(task.c.topic, task.c.arguments["slot"].astext))
        promised = [tuple(row) for row in work]
    assert sorted(taken) == sorted(promised) == sorted(came_to)
