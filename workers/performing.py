"""From a hint to a performed task: claim, perform, and where that fails record it once, in one place."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import dramatiq
import structlog

from kalecart import tasks
from kalecart.errors import KaleCartError, Unavailable
from kalecart.ids import TaskId
from kalecart.jobs import JOBS, Job
from kalecart.runtime import Ground
from kalecart.steps import step

# A verb that performs a job. It commits `tasks.finish(tx, held)` with its effect, or has no effect to commit.
# What it is given is what its process has: `Ground`, and for most of them the whole `Runtime`.
Performer = Callable[[Any, tasks.Held, Any], Awaitable[object]]

log = structlog.get_logger()


def declare(kind: type[Job], perform: Performer, *, broker: dramatiq.Broker, runtime: Ground) -> None:
    """Make the one actor of a kind of job. Its message is a task id and nothing else."""

    async def act(task_id: str) -> None:
        await perform_task(TaskId(UUID(task_id)), perform, runtime)

    dramatiq.actor(actor_name=kind.topic, queue_name=kind.queue, broker=broker)(act)


async def perform_task(task_id: TaskId, perform: Performer, runtime: Ground) -> None:
    """Claim a task and perform it. A duplicate hint claims nothing and is done.

    Never raises for what a task may meet: dramatiq would only forget it. An unreachable database is the sweeper's work.
    """
    try:
        async with runtime.db.direct() as pg:
            held = await tasks.claim(pg, task_id, now=runtime.clock.now())
    except Unavailable as error:
        log.warning("task_left_to_the_sweeper", task_id=task_id, error=type(error).__name__)
    else:
        if held is not None:
            await perform_held(held, perform, runtime)


async def perform_held(held: tasks.Held, perform: Performer, runtime: Ground) -> None:
    """Perform a claimed task and record how it went; where even that cannot be written, its lease lapses."""
    try:
        await _perform(held, perform, runtime)
    except Unavailable as error:
        log.warning("task_left_to_the_sweeper", task_id=held.id, error=type(error).__name__)


async def _perform(held: tasks.Held, perform: Performer, runtime: Ground) -> None:
    step("task.claimed")
    try:
        async with _kept(held, runtime):
            await perform(JOBS[held.topic].parse(held.arguments), held, runtime)
        step("task.performed")
        if not held.finished:
            async with runtime.db.transaction() as tx:
                await tasks.finish(tx, held, now=runtime.clock.now())
            step("task.finished")
    except tasks.LeaseLost:
        log.warning("lease_lost", task_id=held.id, topic=held.topic)
    except Exception as error:  # noqa: BLE001  # whatever a task meets is recorded in its row
        await _record(held, error, runtime)


@asynccontextmanager
async def _kept(held: tasks.Held, runtime: Ground) -> AsyncGenerator[None]:
    """Renew the lease for as long as the block runs."""
    keeper = asyncio.create_task(_renew_forever(held, runtime))
    try:
        yield
    finally:
        keeper.cancel()


async def _renew_forever(held: tasks.Held, runtime: Ground) -> None:
    while True:
        await asyncio.sleep(tasks.RENEW_S)
        try:
            async with runtime.db.direct() as pg:
                await tasks.renew(pg, held, now=runtime.clock.now())
        except Unavailable as error:
            log.warning("lease_not_renewed", task_id=held.id, error=type(error).__name__)


async def _record(held: tasks.Held, error: Exception, runtime: Ground) -> None:
    step("task.broken")
    async with runtime.db.transaction() as tx:
        again = await tasks.fail(tx, held, error, now=runtime.clock.now())
    step("task.put_back")
    said = {"task_id": held.id, "topic": held.topic, "attempt": held.attempts, "after": again}
    if isinstance(error, KaleCartError):
        log.warning("task_failed", **said, error=type(error).__name__)
    else:
        log.error("task_broke", **said, exc_info=error)
