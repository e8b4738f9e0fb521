"""The task table under the conditions it is for: many workers, workers that die, and a clock that moves on."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart import tasks
from kalecart.database import Database
from kalecart.errors import NotYet, Refused, Unavailable
from kalecart.ids import OrderId, TaskId, new_id
from kalecart.jobs import ChargeOrder, Job, Prune
from kalecart.sweep import PUSH_AGAIN, due_for_push, rescue
from kalecart.tasks import ATTEMPTS_MAX, BACKOFF_FIRST, LEASE, RENEW_S, Held, LeaseLost, alert, finish, renew, task
from tests.clock import FakeClock


async def promised(db: Database, clock: FakeClock, job: Job | None = None, **but: Any) -> TaskId:
    async with db.transaction() as tx:
        written = await tasks.promise(tx, job or Prune(slot=str(new_id())), now=clock.now(), **but)
    assert written is not None
    return written.id


async def claimed(db: Database, clock: FakeClock, task_id: TaskId) -> Held | None:
    async with db.direct() as pg:
        return await tasks.claim(pg, task_id, now=clock.now())


async def held(db: Database, clock: FakeClock) -> Held:
    claim = await claimed(db, clock, await promised(db, clock))
    assert claim is not None
    return claim


async def failed(db: Database, clock: FakeClock, claim: Held, error: BaseException) -> Any:
    async with db.transaction() as tx:
        return await tasks.fail(tx, claim, error, now=clock.now())


async def rescued(db: Database, clock: FakeClock) -> int:
    async with db.transaction() as tx:
        return await rescue(tx, now=clock.now())


async def pushed(db: Database, clock: FakeClock) -> list[TaskId]:
    async with db.transaction() as tx:
        return [task_id for task_id, _ in await due_for_push(tx, now=clock.now())]


async def row(db: Database, task_id: TaskId) -> Any:
    async with db.transaction() as tx:
        return (await tx.execute(sa.select(task).where(task.c.id == task_id))).one()


async def alerts(db: Database) -> list[tuple[str, str]]:
    async with db.transaction() as tx:
        return [(each.kind, each.subject) for each in await tx.execute(sa.select(alert))]


async def test_work_that_is_promised_by_the_thousand_is_written_like_any(db: Database, clock: FakeClock) -> None:
    before = await promised(db, clock, Prune(slot="before"))
    odd = 'ö {"} \\ \u2019'
    async with db.transaction() as tx:
        await tasks.promise_each(tx, [], now=clock.now())
        await tasks.promise_each(tx, [Prune(slot=slot) for slot in ("before", "twice", "twice", odd)], now=clock.now())
        rows = (await tx.execute(sa.select(task).order_by(task.c.key))).all()

    assert [each.arguments for each in rows] == [{"slot": "before"}, {"slot": "twice"}, {"slot": odd}]
    assert {(each.state, each.due_at, each.attempts) for each in rows} == {("pending", clock.now(), 0)}
    assert [each.id for each in rows if each.pushed_at] == [before]
    assert {each.key for each in rows} == {Prune(slot=slot).key for slot in ("before", "twice", odd)}


async def test_alerts_of_several_are_raised_once_each_for_as_long_as_they_are_open(
    db: Database, clock: FakeClock
) -> None:
    async with db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", "1", now=clock.now())
        await tasks.raise_alerts(tx, "wrong_amount", [], now=clock.now())
        await tasks.raise_alerts(tx, "wrong_amount", ["1", "2", "2"], now=clock.now())

    assert sorted(await alerts(db)) == [("wrong_amount", "1"), ("wrong_amount", "2")]


async def test_the_same_work_is_promised_once(db: Database, clock: FakeClock) -> None:
    job = ChargeOrder(order_id=OrderId(new_id()), attempt=1)
    async with db.transaction() as tx:
        first = await tasks.promise(tx, job, now=clock.now())
        second = await tasks.promise(tx, job, now=clock.now())

    assert first is not None
    assert second is None


async def test_of_many_who_promise_the_same_at_once_one_does(db: Database, clock: FakeClock) -> None:
    job = ChargeOrder(order_id=OrderId(new_id()), attempt=1)

    async def promise() -> bool:
        async with db.transaction() as tx:
            return await tasks.promise(tx, job, now=clock.now()) is not None

    assert sum(await asyncio.gather(*(promise() for _ in range(8)))) == 1


async def test_a_promise_is_kept_only_if_its_cause_is(db: Database, clock: FakeClock) -> None:
    job = Prune(slot="undone")
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await tasks.promise(tx, job, now=clock.now())
            raise ZeroDivisionError

    assert await promised(db, clock, job)


async def test_work_that_is_done_is_not_promised_again(db: Database, clock: FakeClock) -> None:
    job = Prune(slot="2026-11-02")
    claim = await claimed(db, clock, await promised(db, clock, job))
    async with db.transaction() as tx:
        await tasks.finish(tx, claim, now=clock.now())
        assert await tasks.promise(tx, job, now=clock.now()) is None


async def test_of_many_workers_that_claim_at_once_one_gets_the_task(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock)

    claims = await asyncio.gather(*(claimed(db, clock, task_id) for _ in range(16)))

    assert sum(claim is not None for claim in claims) == 1


async def test_a_claimed_task_brings_its_job_back(db: Database, clock: FakeClock) -> None:
    job = ChargeOrder(order_id=OrderId(new_id()), attempt=2)
    claim = await claimed(db, clock, await promised(db, clock, job))

    assert claim is not None
    assert (ChargeOrder.parse(claim.arguments), claim.attempts) == (job, 1)


async def test_what_is_not_due_cannot_be_claimed(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock, due_at=clock.now() + timedelta(minutes=5))
    early = await claimed(db, clock, task_id)
    clock.advance(minutes=5)

    assert early is None
    assert await claimed(db, clock, task_id) is not None


async def test_a_hint_for_nothing_claims_nothing(db: Database, clock: FakeClock) -> None:
    assert await claimed(db, clock, TaskId(new_id())) is None


async def test_a_finished_task_is_done_and_cannot_be_claimed(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    async with db.transaction() as tx:
        await tasks.finish(tx, claim, now=clock.now())

    done = await row(db, claim.id)
    assert (done.state, done.lease, done.ended_at) == ("done", None, clock.now())
    assert await claimed(db, clock, claim.id) is None


async def test_finishing_twice_or_without_a_task_changes_nothing(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    async with db.transaction() as tx:
        await tasks.finish(tx, claim, now=clock.now())
        await tasks.finish(tx, claim, now=clock.now() + timedelta(hours=1))
        await tasks.finish(tx, None, now=clock.now())

    assert (await row(db, claim.id)).ended_at == clock.now()


async def test_whoever_lost_the_lease_cannot_commit_the_effect(db: Database, clock: FakeClock) -> None:
    """A worker that was paused for two minutes wakes up: another one has the task now."""
    slow = await held(db, clock)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert await rescued(db, clock) == 1
    quick = await claimed(db, clock, slow.id)

    with pytest.raises(LeaseLost):
        async with db.transaction() as tx:
            await tasks.raise_alert(tx, "the effect", "of the slow one", now=clock.now())
            await tasks.finish(tx, slow, now=clock.now())

    assert await alerts(db) == []
    assert quick is not None
    async with db.transaction() as tx:
        await tasks.finish(tx, quick, now=clock.now())
    assert (await row(db, slow.id)).state == "done"


async def test_whoever_lost_the_lease_cannot_report_a_failure(db: Database, clock: FakeClock) -> None:
    slow = await held(db, clock)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    await rescued(db, clock)
    quick = await claimed(db, clock, slow.id)

    await failed(db, clock, slow, Refused("too late"))

    after = await row(db, slow.id)
    assert quick is not None
    assert (after.state, after.lease, after.last_error) == ("running", quick.lease, "LeaseLapsed")
    assert await alerts(db) == []


async def test_what_did_not_answer_is_due_again_later_each_time(db: Database, clock: FakeClock) -> None:
    claim: Held | None = await held(db, clock)
    waits = []
    for _ in range(4):
        assert claim is not None
        again = await failed(db, clock, claim, Unavailable())
        waits.append((again - clock.now()).total_seconds())
        assert await claimed(db, clock, claim.id) is None
        clock.advance(seconds=waits[-1])
        claim = await claimed(db, clock, claim.id)

    assert waits == [1, 2, 4, 8]


async def test_dead_workers_and_early_tries_make_no_later_wait_longer(db: Database, clock: FakeClock) -> None:
    """Otherwise a task that was killed ten times would wait ten minutes for the one answer that did not come."""
    task_id = await promised(db, clock)
    for _ in range(ATTEMPTS_MAX - 1):
        assert await claimed(db, clock, task_id)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await rescued(db, clock)
    early = await claimed(db, clock, task_id)
    assert early
    await failed(db, clock, early, NotYet("", after=clock.now()))

    late = await claimed(db, clock, task_id)
    assert late
    assert await failed(db, clock, late, Unavailable()) == clock.now() + BACKOFF_FIRST
    assert (await row(db, task_id)).attempts == ATTEMPTS_MAX + 1


async def test_what_never_answers_becomes_a_dead_letter_and_staff_are_told(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock)
    for attempt in range(1, ATTEMPTS_MAX + 1):
        clock.advance(minutes=11)
        claim = await claimed(db, clock, task_id)
        assert claim is not None, attempt
        await failed(db, clock, claim, Unavailable())

    dead = await row(db, task_id)
    assert (dead.state, dead.attempts, dead.last_error) == ("dead", ATTEMPTS_MAX, "Unavailable")
    assert await alerts(db) == [("dead_letter", str(task_id))]
    clock.advance(days=1)
    assert await claimed(db, clock, task_id) is None


@pytest.mark.parametrize("error", [Refused("a rule"), ZeroDivisionError("a bug")], ids=["a rule", "a bug"])
async def test_a_rule_or_a_bug_ends_the_task_at_once(db: Database, clock: FakeClock, error: Exception) -> None:
    claim = await held(db, clock)

    assert await failed(db, clock, claim, error) is None

    dead = await row(db, claim.id)
    assert (dead.state, dead.last_error) == ("dead", type(error).__name__)
    assert await alerts(db) == [("dead_letter", str(claim.id))]


async def test_what_is_too_early_comes_back_when_it_said(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    after = clock.now() + timedelta(days=2)

    assert await failed(db, clock, claim, NotYet("Wait.", after=after)) == after

    waiting = await row(db, claim.id)
    assert (waiting.state, waiting.due_at) == ("pending", after)


async def test_the_words_of_an_error_are_not_kept(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    await failed(db, clock, claim, ValueError("ana.lima@example.com"))

    assert "ana.lima" not in str(await row(db, claim.id))


async def test_the_task_of_a_dead_worker_is_free_again_once_its_lease_is_over(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert await rescued(db, clock) == 0
    clock.advance(seconds=2)
    assert await rescued(db, clock) == 1

    assert await pushed(db, clock) == [claim.id]
    again = await claimed(db, clock, claim.id)
    assert again is not None
    assert again.attempts == 2


async def test_a_renewed_lease_keeps_the_task_however_long_the_work_takes(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    for _ in range(10):
        clock.advance(seconds=RENEW_S)
        async with db.direct() as pg:
            await renew(pg, claim, now=clock.now())
        assert await rescued(db, clock) == 0

    async with db.transaction() as tx:
        await finish(tx, claim, now=clock.now())
    assert (await row(db, claim.id)).state == "done"


async def test_a_lost_lease_is_not_renewed(db: Database, clock: FakeClock) -> None:
    claim = await held(db, clock)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert await rescued(db, clock) == 1

    async with db.direct() as pg:
        await renew(pg, claim, now=clock.now())

    assert (await row(db, claim.id)).state == "pending"


async def test_a_task_that_takes_its_worker_down_every_time_becomes_a_dead_letter(
    db: Database, clock: FakeClock
) -> None:
    task_id = await promised(db, clock)
    deaths = 0
    while (await row(db, task_id)).state != "dead":
        assert await claimed(db, clock, task_id) is not None
        clock.advance(seconds=LEASE.total_seconds() + 1)
        deaths += await rescued(db, clock)
        assert deaths <= ATTEMPTS_MAX

    assert deaths == ATTEMPTS_MAX
    assert await alerts(db) == [("dead_letter", str(task_id))]


async def test_an_alert_is_raised_once_while_it_is_open(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        await tasks.raise_alert(tx, "wrong_amount", "1", now=clock.now())
        await tasks.raise_alert(tx, "wrong_amount", "1", now=clock.now())
        await tasks.raise_alert(tx, "wrong_amount", "2", now=clock.now())
        await tx.execute(sa.update(alert).where(alert.c.subject == "1").values(resolved_at=clock.now()))
        await tasks.raise_alert(tx, "wrong_amount", "1", now=clock.now())

    assert Counter(await alerts(db)) == {("wrong_amount", "1"): 2, ("wrong_amount", "2"): 1}


async def test_a_task_is_left_to_its_own_process_first(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock)
    at_once = await pushed(db, clock)
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)

    assert at_once == []
    assert await pushed(db, clock) == [task_id]


async def test_a_task_that_becomes_due_later_is_pushed_as_soon_as_it_is(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock, due_at=clock.now() + timedelta(minutes=1))
    early = await pushed(db, clock)
    clock.advance(minutes=1)

    assert early == []
    assert await pushed(db, clock) == [task_id]


async def test_each_further_push_waits_twice_as_long_up_to_twelve_seconds(db: Database, clock: FakeClock) -> None:
    await promised(db, clock)
    times = []
    for second in range(1, 60):
        clock.advance(seconds=1)
        if await pushed(db, clock):
            times.append(second)

    waits = [later - earlier for earlier, later in zip([0, *times], times, strict=False)]
    assert waits == [4, 7, 13, 13, 13]  # just over 3 · 2ⁿ seconds, looked at once a second


async def test_two_sweepers_at_once_push_each_task_once(db: Database, clock: FakeClock) -> None:
    made = {await promised(db, clock) for _ in range(20)}
    clock.advance(minutes=1)
    both = asyncio.Barrier(2)

    async def sweep() -> list[TaskId]:
        async with db.transaction() as tx:
            found = [task_id for task_id, _ in await due_for_push(tx, now=clock.now())]
            await both.wait()  # neither has committed: whatever the other saw was not locked
            return found

    first, second = await asyncio.gather(sweep(), sweep())

    assert sorted(first + second) == sorted(made)


async def test_running_and_ended_tasks_are_not_pushed(db: Database, clock: FakeClock) -> None:
    running, done = await held(db, clock), await held(db, clock)
    async with db.transaction() as tx:
        await tasks.finish(tx, done, now=clock.now())
    clock.advance(seconds=60)

    assert running.id != done.id
    assert await pushed(db, clock) == []
