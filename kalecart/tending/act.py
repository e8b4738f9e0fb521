"""Try a task again, or discard it: one, or all that match. Each act is in the audit trail, with the act itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.dispatch import Dispatcher
from kalecart.errors import Conflict, NotFound
from kalecart.ids import TaskId
from kalecart.jobs import NEEDED
from kalecart.staff.member import StaffMember
from kalecart.tasks import ARROWS
from kalecart.tending import store
from kalecart.tending.task_filter import TaskFilter

# One transaction's worth. Who has more to do does it again.
AT_ONCE_MAX: Final = 500


class TaskRunning(Conflict):
    """This task is running."""


class TaskEnded(Conflict):
    """This task has ended."""


class TaskNeeded(Conflict):
    """This task cannot be discarded."""


class Act(StrEnum):
    """What staff can do with a task."""

    RETRY = "retry"
    DISCARD = "discard"

    @property
    def never_of(self) -> Sequence[str]:
        """Topics it is not done with: whose loss would leave money undone."""
        return NEEDED if self is Act.DISCARD else ()


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How an act is written: the state it leads to, its code in the audit trail, its SQL."""

    to: str
    code: str
    write: Callable[..., Awaitable[None]]


_WAYS: Final = {
    Act.RETRY: _Way(to="pending", code="task_retried", write=store.make_due),
    Act.DISCARD: _Way(to="discarded", code="task_discarded", write=store.discard),
}


async def act_on_task(
    act: Act, task_id: TaskId, *, by: StaffMember, db: Database, clock: Clock, dispatcher: Dispatcher
) -> None:
    """Do it with one task.

    Raises RoleForbids, NotFound, TaskRunning for one a worker holds, TaskEnded for one that is done or discarded,
    TaskNeeded for one that may only be tried again.
    """
    by.require("queue:act")
    now = clock.now()
    async with db.transaction() as tx:
        found = await store.lock(tx, task_id)
        if found is None:
            raise NotFound("There is no such task.")
        if found.state == "running":
            raise TaskRunning("Wait until it has ended, or its worker's lease has lapsed.")
        if _WAYS[act].to not in ARROWS[found.state]:
            raise TaskEnded("Nothing is left to be done with it.")
        if found.topic in act.never_of:
            raise TaskNeeded("Without it money would stay undone. Mend what its last error names, then retry it.")
        await _write(tx, act, [found], by=by, now=now)
    if act is Act.RETRY:
        dispatcher.hint(task_id, found.topic)


async def act_on_all(
    act: Act,
    wanted: TaskFilter,
    *,
    told: int,
    by: StaffMember,
    db: Database,
    clock: Clock,
    dispatcher: Dispatcher,
) -> int:
    """Do it with all that match and it may be done with: never more than one was told, or than `AT_ONCE_MAX`.

    Returns how many it was done with. Raises RoleForbids.
    """
    by.require("queue:act")
    now = clock.now()
    async with db.transaction() as tx:
        chosen = await store.choose(tx, wanted, never_of=act.never_of, most=min(told, AT_ONCE_MAX), now=now)
        await _write(tx, act, chosen, by=by, now=now)
    if act is Act.RETRY:
        for row in chosen:
            dispatcher.hint(TaskId(row.id), row.topic)
    return len(chosen)


async def _write(tx: Tx, act: Act, rows: Sequence[Any], *, by: StaffMember, now: datetime) -> None:
    if not rows:
        return
    way = _WAYS[act]
    await way.write(tx, [TaskId(row.id) for row in rows], now=now)
    lines = [audit.Entry(subject=("task", row.id), detail={"topic": row.topic, "was": row.state}) for row in rows]
    await audit.record_each(tx, way.code, lines, by=audit.by_staff(by.id), now=now)
