"""However many schedulers tick, and however long they were all away, each slot's work is promised once."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.jobs import Prune
from kalecart.scheduling import KEEP_BEATS, beat, heartbeat, promise_slot, timed_run
from kalecart.tasks import task
from kalecart.timetable import TIMETABLE
from scheduler.metronome import metronome, tick
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

    with pytest.raises(ZeroDivisionError):
        await promise_slot("prune", "today", Broken(slot="today"), db=db, now=clock.now())

    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(timed_run)) == 0
    assert await promise_slot("prune", "today", Prune(slot="today"), db=db, now=clock.now())


async def test_a_scheduler_that_was_silent_for_a_day_is_forgotten(db: Database, clock: FakeClock) -> None:
    await beat("old", db=db, now=clock.now())
    await beat("new", db=db, now=clock.now() + KEEP_BEATS)
    assert await beats(db) == {"old", "new"}
    await beat("new", db=db, now=clock.now() + KEEP_BEATS + timedelta(seconds=1))

    assert await beats(db) == {"new"}


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
    await asyncio.wait_for(twice.wait(), 10)
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
    await asyncio.wait_for(gave_up.wait(), 10)
    scheduler.shutdown(wait=False)
