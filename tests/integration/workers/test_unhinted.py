"""Valkey is away: workers claim straight from PostgreSQL, sweepers keep their hints, and both stop when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import sqlalchemy as sa

from kalecart import tasks
from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import TaskId, new_id
from kalecart.jobs import QUEUES, OpenWindows, Prune
from kalecart.pulse import AWAY_AFTER_S, BACK_AFTER_S, Pulse
from kalecart.runtime import Runtime
from kalecart.scheduling import beat, heartbeat
from kalecart.sweep import OVERLOAD_HINTS, PUSH_AGAIN, PUSH_AGAIN_OVERLOADED, sweep
from kalecart.tasks import ATTEMPTS_MAX, Held, alert, paused_topic, task
from local.valkey import RunningValkey
from tests.clock import FakeClock
from tests.hints import RecordedHints
from workers.unhinted import Unhinted


class Performed:
    """Notes its jobs, and how many of them were there at once; each ends when the test says so."""

    def __init__(self) -> None:
        self.slots: list[str] = []
        self.most = 0
        self.go_on = asyncio.Event()
        self._now = 0

    async def __call__(self, job: Prune, _held: Held, _runtime: Runtime) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        await self.go_on.wait()
        self._now -= 1
        self.slots.append(job.slot)


async def promised(runtime: Runtime, *slots: str) -> list[TaskId]:
    async with runtime.db.transaction() as tx:
        written = [await tasks.promise(tx, Prune(slot=slot), now=runtime.clock.now()) for slot in slots]
    return [each.id for each in written if each is not None]


async def states(db: Database) -> set[str]:
    async with db.snapshot() as tx:
        return set((await tx.execute(sa.select(task.c.state))).scalars())


async def pause(db: Database, topic: str, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.insert(paused_topic).values(topic=topic, paused_at=clock.now(), paused_by=new_id()))


@asynccontextmanager
async def working(unhinted: Unhinted) -> AsyncIterator[None]:
    loop = asyncio.create_task(unhinted.work_forever())
    try:
        yield
    finally:
        loop.cancel()
        await unhinted.finish(within_s=120)


async def until(seen: object) -> None:
    async with asyncio.timeout(120):
        while not seen():  # ty: ignore[call-non-callable]  # noqa: ASYNC110  # a bounded poll
            await asyncio.sleep(0.02)


async def test_without_valkey_what_is_due_is_performed_all_the_same_the_longest_due_first(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    """E40: whoever orders while Valkey is down is charged, and never charged and forgotten."""
    runtime.dispatcher.pulse.away = True
    performed = Performed()
    performed.go_on.set()
    await promised(runtime, "1")
    clock.advance(seconds=1)
    await promised(runtime, "2", "3")

    async with working(Unhinted({Prune: performed}, runtime, at_once=1)):
        await until(lambda: len(performed.slots) == 3)

    assert performed.slots[0] == "1"
    assert await states(db) == {"done"}


async def test_while_valkey_answers_tasks_are_left_to_their_hints(runtime: Runtime, db: Database) -> None:
    await promised(runtime, "1")
    unhinted = Unhinted({Prune: Performed()}, runtime, at_once=4)

    async with working(unhinted):
        await asyncio.sleep(0)

    assert await states(db) == {"pending"}


async def test_no_more_tasks_are_claimed_than_can_be_worked_at_once(runtime: Runtime, db: Database) -> None:
    runtime.dispatcher.pulse.away = True
    performed = Performed()
    await promised(runtime, *"12345678")

    async with working(Unhinted({Prune: performed}, runtime, at_once=3)):
        await until(lambda: performed.most == 3)
        async with db.snapshot() as tx:
            claimed = await tx.scalar(sa.select(sa.func.count()).where(task.c.state == "running"))
        performed.go_on.set()
        await until(lambda: len(performed.slots) == 8)

    assert claimed == 3
    assert performed.most == 3


async def test_two_workers_without_hints_perform_each_task_once(runtime: Runtime, db: Database) -> None:
    runtime.dispatcher.pulse.away = True
    performed = Performed()
    performed.go_on.set()
    await promised(runtime, *map(str, range(40)))

    async with (
        working(Unhinted({Prune: performed}, runtime, at_once=8)),
        working(Unhinted({Prune: performed}, runtime, at_once=8)),
    ):
        await until(lambda: len(performed.slots) >= 40)

    assert sorted(performed.slots, key=int) == list(map(str, range(40)))


async def test_a_paused_topic_is_not_claimed_with_or_without_hints(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    (task_id,) = await promised(runtime, "1")
    async with db.transaction() as tx:
        other = await tasks.promise(tx, OpenWindows(slot="1"), now=clock.now())
    await pause(db, "prune", clock)

    async with db.direct() as pg:
        assert await tasks.claim(pg, task_id, now=clock.now()) is None
        claimed = await tasks.claim_due(pg, ["prune", "open_windows"], most=10, now=clock.now())

    assert other is not None
    assert [held.id for held in claimed] == [other.id]


async def test_due_tasks_are_claimed_the_longest_due_first_however_the_query_finds_them(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    async with db.transaction() as tx:
        for ago in (1, 3, 2, 4, 0):
            due_at = clock.now() - timedelta(hours=ago)
            await tasks.promise(tx, Prune(slot=str(ago)), now=clock.now(), due_at=due_at)

    async with db.direct() as pg, pg.transaction():
        await pg.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off")
        claimed = await tasks.claim_due(pg, ["prune"], most=4, now=clock.now())

    assert [held.arguments["slot"] for held in claimed] == ["4", "3", "2", "1"]


async def test_a_paused_topic_still_takes_promises_and_is_not_pushed(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    await pause(db, "prune", clock)
    await promised(runtime, "1")
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)
    hints = RecordedHints()

    assert await sweep(db=db, clock=clock, dispatcher=hints) == 0  # ty: ignore[invalid-argument-type]
    assert await states(db) == {"pending"}


async def test_a_task_that_always_fails_is_a_dead_letter_with_an_alert_and_the_queue_goes_on(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    """E43, without Valkey too."""
    runtime.dispatcher.pulse.away = True
    tried = 0

    async def fail(job: Prune, held: Held, runtime: Runtime) -> None:
        nonlocal tried
        if job.slot == "always":
            tried += 1
            raise Unavailable

    def given_up() -> bool:
        clock.advance(minutes=11)  # whatever the backoff, it is over
        return tried == ATTEMPTS_MAX

    await promised(runtime, "always", "other")
    async with working(Unhinted({Prune: fail}, runtime, at_once=2)):
        await until(given_up)

    async with db.snapshot() as tx:
        found = {row.state: row for row in await tx.execute(sa.select(task))}
        raised = (await tx.execute(sa.select(alert.c.kind, alert.c.subject))).all()
    assert set(found) == {"dead", "done"}
    assert raised == [("dead_letter", str(found["dead"].id))]


# What sweepers push


async def test_while_valkey_is_away_nothing_is_pushed_and_no_task_loses_its_turn(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    """Marks made for nobody would make the tasks wait for minutes when Valkey is back."""
    await promised(runtime, "1")
    hints = RecordedHints()
    hints.pulse.away = True
    for _ in range(10):
        clock.advance(minutes=5)
        assert await sweep(db=db, clock=clock, dispatcher=hints) == 0  # ty: ignore[invalid-argument-type]

    hints.pulse.away = False

    assert await sweep(db=db, clock=clock, dispatcher=hints) == 1  # ty: ignore[invalid-argument-type]


async def test_plain_overload_is_not_hinted_again_until_it_has_lasted(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    await promised(runtime, "1")
    hints = RecordedHints()
    hints.pulse.waiting = {"upkeep": OVERLOAD_HINTS + 1}
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)
    patient = await sweep(db=db, clock=clock, dispatcher=hints)  # ty: ignore[invalid-argument-type]
    clock.advance(seconds=PUSH_AGAIN_OVERLOADED.total_seconds())
    lasted = await sweep(db=db, clock=clock, dispatcher=hints)  # ty: ignore[invalid-argument-type]

    assert (patient, lasted) == (0, 1)


async def test_a_task_whose_worker_died_is_pushed_again_in_an_overload_too(
    runtime: Runtime, db: Database, clock: FakeClock
) -> None:
    (task_id,) = await promised(runtime, "1")
    async with db.direct() as pg:
        await tasks.claim(pg, task_id, now=clock.now())
    hints = RecordedHints()
    hints.pulse.waiting = {"upkeep": OVERLOAD_HINTS + 1}
    clock.advance(minutes=5)

    assert await sweep(db=db, clock=clock, dispatcher=hints) == 1  # ty: ignore[invalid-argument-type]


# The pulse


class Watch:
    """A stop-watch in the test's hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def answered(pulse: Pulse) -> None:
    """On a busy machine an answer may take longer than the second that a look waits for it."""
    async with asyncio.timeout(120):
        while not pulse.waiting:
            await pulse.look()


async def test_valkey_is_away_after_five_seconds_and_back_when_it_has_answered_for_a_while(
    valkey: RunningValkey,
) -> None:
    watch = Watch()
    pulse = Pulse(valkey.url(), monotonic=watch)
    await answered(pulse)
    assert pulse.waiting == dict.fromkeys(QUEUES, 0)
    await valkey.kill()
    await pulse.look()
    briefly = pulse.away
    watch.now += AWAY_AFTER_S + 1
    assert pulse.waiting == {}, "nobody knows any more"
    await pulse.look()
    gone = pulse.away

    await valkey.start()
    assert await valkey.until_ready()
    await answered(pulse)
    at_once = pulse.away
    async with asyncio.timeout(120):
        while pulse.away:
            watch.now += BACK_AFTER_S + 1
            await answered(pulse)

    assert (briefly, gone, at_once, pulse.away) == (False, True, True, False)
    await pulse.close()


async def test_a_worker_beats_with_the_way_it_comes_by_its_tasks(db: Database) -> None:
    now = SystemClock().now()
    await beat("worker:here:1", db=db, now=now, mode="hints")
    await beat("worker:here:1", db=db, now=now + timedelta(seconds=5), mode="direct")

    async with db.snapshot() as tx:
        assert (await tx.execute(sa.select(heartbeat.c.mode))).scalars().all() == ["direct"]
