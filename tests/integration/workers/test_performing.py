"""Whatever a task meets ends in its row, once: dramatiq never sees an error, because it would only forget it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart import tasks
from kalecart.database import Database
from kalecart.errors import NotYet, Refused, Unavailable
from kalecart.ids import TaskId, new_id
from kalecart.jobs import Prune
from kalecart.runtime import Runtime
from kalecart.sweep import rescue
from kalecart.tasks import LEASE, Held, alert, task
from tests.clock import FakeClock
from workers.performing import Performer, perform_task


@pytest.fixture
async def task_id(runtime: Runtime) -> TaskId:
    async with runtime.db.transaction() as tx:
        promised = await tasks.promise(tx, Prune(slot="2026-11-02"), now=runtime.clock.now())
    assert promised is not None
    return promised.id


async def row(runtime: Runtime, task_id: TaskId) -> Any:
    async with runtime.db.snapshot() as tx:
        return (await tx.execute(sa.select(task).where(task.c.id == task_id))).one()


async def alerts(runtime: Runtime) -> int:
    async with runtime.db.snapshot() as tx:
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(alert)) or 0)


class Performed:
    """A performer that notes its jobs and then raises what it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.jobs: list[Prune] = []
        self._error = error

    async def __call__(self, job: Prune, held: Held, runtime: Runtime) -> None:
        self.jobs.append(job)
        if self._error is not None:
            raise self._error


async def test_a_task_is_performed_and_done(runtime: Runtime, task_id: TaskId) -> None:
    performed = Performed()

    await perform_task(task_id, performed, runtime)

    assert performed.jobs == [Prune(slot="2026-11-02")]
    assert (await row(runtime, task_id)).state == "done"


async def test_a_performer_that_commits_done_with_its_effect_is_done_once(runtime: Runtime, task_id: TaskId) -> None:
    async def perform(_job: Prune, held: Held, runtime: Runtime) -> None:
        async with runtime.db.transaction() as tx:
            await tasks.raise_alert(tx, "the effect", "once", now=runtime.clock.now())
            await tasks.finish(tx, held, now=runtime.clock.now())

    await perform_task(task_id, perform, runtime)
    await perform_task(task_id, perform, runtime)

    assert (await row(runtime, task_id)).state == "done"
    assert await alerts(runtime) == 1


async def test_a_message_that_dramatiq_delivers_twice_has_one_effect(runtime: Runtime, task_id: TaskId) -> None:
    """E42."""
    performed = Performed()

    await asyncio.gather(*(perform_task(task_id, performed, runtime) for _ in range(8)))
    await perform_task(task_id, performed, runtime)

    assert len(performed.jobs) == 1


async def test_a_hint_for_a_task_that_was_pruned_performs_nothing(runtime: Runtime) -> None:
    performed = Performed()

    await perform_task(TaskId(new_id()), performed, runtime)

    assert performed.jobs == []


async def test_what_did_not_answer_is_tried_again_later(runtime: Runtime, task_id: TaskId, clock: FakeClock) -> None:
    await perform_task(task_id, Performed(Unavailable()), runtime)

    waiting = await row(runtime, task_id)
    assert (waiting.state, waiting.attempts, waiting.due_at) == ("pending", 1, clock.now() + timedelta(seconds=1))
    assert await alerts(runtime) == 0


async def test_what_is_too_early_is_due_when_it_said(runtime: Runtime, task_id: TaskId, clock: FakeClock) -> None:
    after = clock.now() + timedelta(hours=3)

    await perform_task(task_id, Performed(NotYet("Wait.", after=after)), runtime)

    assert (await row(runtime, task_id)).due_at == after


@pytest.mark.parametrize("error", [Refused("a rule"), KeyError("a bug")], ids=["a rule", "a bug"])
async def test_a_rule_or_a_bug_fails_once_and_somebody_is_told(
    runtime: Runtime, task_id: TaskId, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    performed = Performed(error)

    await perform_task(task_id, performed, runtime)
    await perform_task(task_id, performed, runtime)

    assert len(performed.jobs) == 1
    assert (await row(runtime, task_id)).state == "dead"
    assert await alerts(runtime) == 1


async def test_a_task_of_a_release_with_other_arguments_is_a_dead_letter(runtime: Runtime, task_id: TaskId) -> None:
    async with runtime.db.transaction() as tx:
        await tx.execute(sa.update(task).values(arguments={"slot": "2026-11-02", "unheard_of": 1}))

    await perform_task(task_id, Performed(), runtime)

    assert (await row(runtime, task_id)).state == "dead"
    assert await alerts(runtime) == 1


async def test_whoever_lost_the_lease_leaves_no_effect_and_no_trace(
    runtime: Runtime, task_id: TaskId, clock: FakeClock
) -> None:
    async def perform(_job: Prune, held: Held, runtime: Runtime) -> None:
        clock.advance(seconds=LEASE.total_seconds() + 1)
        async with runtime.db.transaction() as tx:
            await rescue(tx, now=clock.now())
        async with runtime.db.transaction() as tx:
            await tasks.raise_alert(tx, "the effect", "of the slow one", now=clock.now())
            await tasks.finish(tx, held, now=clock.now())

    await perform_task(task_id, perform, runtime)

    freed = await row(runtime, task_id)
    assert (freed.state, freed.last_error) == ("pending", "LeaseLapsed")
    assert await alerts(runtime) == 0


async def test_a_database_that_is_away_at_the_claim_leaves_the_task_to_the_sweeper(runtime: Runtime) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/kalecart", pool_size_max=1, application="test")
    performed = Performed()

    await perform_task(TaskId(new_id()), performed, replace(runtime, db=nowhere))
    await nowhere.close()

    assert performed.jobs == []


async def test_a_database_that_goes_away_during_the_work_leaves_the_task_to_its_lease(
    runtime: Runtime, task_id: TaskId, clock: FakeClock
) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/kalecart", pool_size_max=1, application="test")

    async def perform(_job: Prune, _held: Held, _runtime: Runtime) -> None:
        # The claim went through; from now on nothing answers.
        object.__setattr__(gone, "db", nowhere)
        raise Unavailable

    gone = replace(runtime)
    await perform_task(task_id, perform, gone)
    await nowhere.close()

    assert (await row(runtime, task_id)).state == "running"
    clock.advance(seconds=LEASE.total_seconds() + 1)
    async with runtime.db.transaction() as tx:
        assert await rescue(tx, now=clock.now()) == 1


async def test_an_error_while_others_work_stays_in_its_own_row(runtime: Runtime) -> None:
    made: list[TaskId] = []
    for number in range(6):
        async with runtime.db.transaction() as tx:
            promised = await tasks.promise(tx, Prune(slot=str(number)), now=runtime.clock.now())
        assert promised is not None
        made.append(promised.id)
    performers: list[Performer] = [Performed(), Performed(Unavailable()), Performed(KeyError())] * 2

    await asyncio.gather(*(perform_task(each, by, runtime) for each, by in zip(made, performers, strict=True)))

    assert [(await row(runtime, each)).state for each in made] == ["done", "pending", "dead"] * 2
