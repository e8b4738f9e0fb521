"""However many schedulers tick, and however long they were all away, each slot's work is promised once."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.jobs import Prune
from kalecart.scheduling import KEEP_BEATS, beat, heartbeat, promise_slots, timed_run
from kalecart.tasks import task
from kalecart.timetable import TIMETABLE, Timed, daily
from scheduler.metronome import TICK_S, keep_awake, metronome, tick
from tests.clock import FakeClock
from tests.server import Clone

ALL = len(TIMETABLE)


async def topics(db: Database) -> Counter[str]:
    async with db.snapshot() as tx:
        return Counter((await tx.execute(sa.select(task.c.topic))).scalars())


async def beats(db: Database) -> set[str]:
    async with db.snapshot() as tx:
        return set((await tx.execute(sa.select(heartbeat.c.name))).scalars())


async def test_the_first_tick_promises_every_timed_job(db: Database, clock: FakeClock) -> None:
    await tick(db=db, clock=clock, name="one")

    assert await topics(db) == {timed.name: 1 for timed in TIMETABLE}


async def test_two_schedulers_that_tick_at_once_promise_each_slot_once(db: Database, clock: FakeClock) -> None:
    """E44."""
    await asyncio.gather(*(tick(db=db, clock=clock, name=name) for name in ("one", "two", "three")))

    assert await topics(db) == {timed.name: 1 for timed in TIMETABLE}
    assert await beats(db) == {"one", "two", "three"}


async def test_another_tick_in_the_same_slot_promises_nothing(db: Database, clock: FakeClock) -> None:
    await tick(db=db, clock=clock, name="one")
    clock.advance(seconds=5)
    await tick(db=db, clock=clock, name="one")

    assert (await topics(db)).total() == ALL


async def test_the_next_slot_is_promised_anew(db: Database, clock: FakeClock) -> None:
    await tick(db=db, clock=clock, name="one")
    clock.advance(minutes=15)
    await tick(db=db, clock=clock, name="one")

    promised = await topics(db)
    assert [promised[name] for name in ("open_windows", "expire_carts", "prune")] == [1, 2, 1]


async def test_a_week_without_a_scheduler_is_caught_up_by_one_run_of_each(db: Database, clock: FakeClock) -> None:
    """E44. Their work looks at what is true now, so the slots that were missed ask for nothing more."""
    await tick(db=db, clock=clock, name="one")
    clock.advance(days=7)
    await tick(db=db, clock=clock, name="one")

    assert await topics(db) == {timed.name: 2 for timed in TIMETABLE}


async def test_a_slot_is_taken_together_with_its_promise_or_not_at_all(db: Database, clock: FakeClock) -> None:
    class Broken(Prune):
        def arguments(self) -> dict[str, str | int]:
            raise ZeroDivisionError

    broken = Timed(name="prune", slot_of=daily, job_of=lambda slot: Broken(slot=slot))
    with pytest.raises(ZeroDivisionError):
        await promise_slots(db=db, now=clock.now(), by="one", timetable=[broken])

    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(timed_run)) == 0
    assert await promise_slots(db=db, now=clock.now(), by="one") == ALL


@pytest.mark.parametrize("wrong_by", [timedelta(), timedelta(days=3), timedelta(days=-3)])
async def test_a_scheduler_that_was_silent_for_a_day_is_forgotten_whatever_time_the_others_think_it_is(
    db: Database, clock: FakeClock, wrong_by: timedelta
) -> None:
    await beat("old", db=db, now=clock.now())
    await beat("living", db=db, now=clock.now())
    silent = sa.update(heartbeat).where(heartbeat.c.name == "old")
    async with db.transaction() as tx:
        await tx.execute(silent.values(seen_at=sa.func.clock_timestamp() - KEEP_BEATS + timedelta(minutes=1)))
    await beat("new", db=db, now=clock.now() + wrong_by)
    assert await beats(db) == {"old", "living", "new"}
    async with db.transaction() as tx:
        await tx.execute(silent.values(seen_at=sa.func.clock_timestamp() - KEEP_BEATS))
    await beat("new", db=db, now=clock.now() + wrong_by)

    assert await beats(db) == {"living", "new"}


async def test_the_schedulers_own_role_is_enough_to_tick(clone: Clone, clock: FakeClock) -> None:
    narrow = Database(clone.url("kale_scheduler"), pool_size_max=1, application="test")
    await tick(db=narrow, clock=clock, name="one")
    await narrow.close()


async def test_a_tick_that_the_database_missed_is_followed_by_the_next() -> None:
    called: list[str] = []
    twice = asyncio.Event()

    async def act() -> None:
        called.append("tick")
        if len(called) > 1:
            twice.set()
        raise Unavailable

    scheduler = metronome(act, lambda: called.append("gave up"))
    scheduler.start()
    for job in scheduler.get_jobs():
        job.reschedule("interval", seconds=0.02)
    await asyncio.wait_for(twice.wait(), 120)
    scheduler.shutdown(wait=False)

    assert "gave up" not in called


async def test_a_tick_that_breaks_ends_the_process_instead_of_the_ticking() -> None:
    gave_up = asyncio.Event()

    async def act() -> None:
        raise ZeroDivisionError

    scheduler = metronome(act, gave_up.set)
    scheduler.start()
    for job in scheduler.get_jobs():
        job.reschedule("interval", seconds=0.02)
    await asyncio.wait_for(gave_up.wait(), 120)
    scheduler.shutdown(wait=False)


async def test_a_clock_that_was_set_back_by_an_hour_does_not_silence_the_ticking() -> None:
    """APScheduler waits for an instant, and a clock that was set back takes that instant away from it."""
    ticked, gave_up = asyncio.Event(), asyncio.Event()

    async def act() -> None:
        ticked.set()

    clock = SystemClock()
    scheduler = metronome(act, gave_up.set)
    scheduler.start()
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now() + timedelta(hours=1))
    awake = asyncio.create_task(keep_awake(scheduler, clock=clock, every_s=0.02))
    await asyncio.wait_for(ticked.wait(), 120)
    awake.cancel()
    following = scheduler.get_jobs()[0].next_run_time - clock.now()
    scheduler.shutdown(wait=False)

    assert following < timedelta(seconds=2 * TICK_S)
    assert not gave_up.is_set()
