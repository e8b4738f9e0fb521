"""Nobody has to notice that the schedulers are dead: whoever is awake keeps the clock, and says so."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.clockwork import Standing, look
from kalecart.database import Database
from kalecart.scheduling import beat, timed_run
from kalecart.stand_in import SILENT, SILENT_AFTER, stand_in
from kalecart.tasks import alert, claim, finish, task
from kalecart.timetable import TIMETABLE
from scheduler.metronome import tick
from tests.clock import FakeClock
from tests.server import Clone

ALL = {timed.name for timed in TIMETABLE}


async def promised(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        return list((await tx.execute(sa.select(task.c.topic))).scalars())


async def told(db: Database) -> list[bool]:
    """Every alert there was about it, and whether it is open."""
    async with db.snapshot() as tx:
        rows = await tx.execute(sa.select(alert.c.resolved_at.is_(None)).where(alert.c.kind == SILENT))
        return list(rows.scalars())


async def test_while_a_scheduler_ticks_nobody_stands_in(db: Database, clock: FakeClock) -> None:
    await beat("scheduler:host:1", db=db, now=clock.now())
    clock.advance(seconds=SILENT_AFTER.total_seconds())

    assert not await stand_in("worker", db=db, clock=clock)
    assert (await promised(db), await told(db)) == ([], [])


async def test_with_no_scheduler_at_all_every_timed_job_is_promised_once_by_whoever_is_awake(
    db: Database, clock: FakeClock
) -> None:
    stood = await asyncio.gather(*(stand_in("worker", db=db, clock=clock) for _ in range(3)))

    assert stood == [True] * 3
    assert sorted(await promised(db)) == sorted(ALL)
    assert await told(db) == [True]
    async with db.direct() as pg:
        seen = await look(pg, now=clock.now())
    assert {run.taken_by for run in seen.runs} == {"worker"}


async def test_the_alert_lasts_until_a_scheduler_ticks_again(db: Database, clock: FakeClock) -> None:
    await stand_in("worker", db=db, clock=clock)
    clock.advance(minutes=30)
    await stand_in("worker", db=db, clock=clock)
    assert await told(db) == [True]

    await tick(db=db, clock=clock, name="scheduler:host:1")
    await stand_in("worker", db=db, clock=clock)

    assert await told(db) == [False]


@pytest.mark.parametrize("wrong_by", [timedelta(hours=3), timedelta(hours=-3)])
async def test_a_scheduler_that_is_wrong_about_the_time_does_not_pass_for_one(
    db: Database, clock: FakeClock, wrong_by: timedelta
) -> None:
    await tick(db=db, clock=FakeClock(clock.now() + wrong_by), name="scheduler:host:1")

    assert await stand_in("worker", db=db, clock=clock)
    async with db.direct() as pg:
        seen = await look(pg, now=clock.now())
    assert [run.job for run in seen.runs if run.standing is not Standing.STARTED] == []


async def test_two_schedulers_of_which_one_is_an_hour_fast_take_each_slot_once(db: Database, clock: FakeClock) -> None:
    """E44. What the fast one took early is not asked for again, and is due when its slot comes."""
    fast = FakeClock(clock.now() + timedelta(hours=1))
    for _ in range(8):
        await asyncio.gather(tick(db=db, clock=clock, name="right"), tick(db=db, clock=fast, name="fast"))
        clock.advance(minutes=15)
        fast.advance(minutes=15)

    async with db.snapshot() as tx:
        taken = await tx.scalar(sa.select(sa.func.count()).select_from(timed_run))
        quarters = await tx.scalar(
            sa.select(sa.func.count(sa.distinct(task.c.key))).where(task.c.topic == "expire_carts")
        )
    assert taken == len(await promised(db))
    assert quarters == 12


@pytest.mark.parametrize("role", ["kale_web", "kale_worker"])
async def test_the_rights_of_the_web_and_of_workers_are_enough_to_stand_in(
    clone: Clone, clock: FakeClock, role: str
) -> None:
    narrow = Database(clone.url(role), pool_size_max=2, application="test")
    assert await stand_in("worker", db=narrow, clock=clock)
    await beat_by_scheduler(clone, clock)
    assert not await stand_in("worker", db=narrow, clock=clock)
    await narrow.close()


async def beat_by_scheduler(clone: Clone, clock: FakeClock) -> None:
    scheduler = Database(clone.url("kale_scheduler"), pool_size_max=1, application="test")
    await tick(db=scheduler, clock=clock, name="scheduler:host:1")
    await scheduler.close()


async def test_the_timetable_shows_how_late_each_job_was_and_what_came_of_it(db: Database, clock: FakeClock) -> None:
    began = clock.now()
    clock.advance(seconds=7)
    await tick(db=db, clock=clock, name="scheduler:host:1")
    async with db.direct() as pg:
        mine = await pg.fetchval("SELECT id FROM task WHERE topic = 'reconcile'")
        held = await claim(pg, mine, now=clock.now())
    clock.advance(seconds=3)
    async with db.transaction() as tx:
        await finish(tx, held, now=clock.now())
    clock.advance(minutes=2)
    async with db.direct() as pg:
        seen = await look(pg, now=clock.now())
    runs = {run.job: run for run in seen.runs}

    hourly, each_minute = runs["reconcile"], runs["watch_complaints"]
    assert (hourly.standing, hourly.late, hourly.work) == (Standing.STARTED, timedelta(seconds=7), "done")
    assert (hourly.took, hourly.attempts, hourly.taken_by) == (timedelta(seconds=3), 1, "scheduler:host:1")
    assert hourly.next_at == began + timedelta(hours=1)
    assert (each_minute.standing, each_minute.late) == (Standing.LATE, timedelta(seconds=70))
    minutely = {each.name for each in TIMETABLE if each.slot_of.next(began) == began + timedelta(minutes=1)}
    assert {run.job for run in seen.late} == minutely
    assert [scheduler.alive for scheduler in seen.schedulers] == [False]


async def test_in_a_shop_that_began_today_nothing_is_late_for_the_hours_before_it(
    db: Database, clock: FakeClock
) -> None:
    clock.advance(hours=5)
    began = clock.now()
    async with db.direct() as pg:
        before = await look(pg, since=began, now=began)
    clock.advance(seconds=20)
    await tick(db=db, clock=clock, name="scheduler:host:1")
    async with db.direct() as pg:
        after = await look(pg, since=began, now=clock.now())

    assert {(run.standing, run.late) for run in before.runs} == {(Standing.DUE, timedelta())}
    assert {run.late for run in after.runs} == {timedelta(seconds=20)}
