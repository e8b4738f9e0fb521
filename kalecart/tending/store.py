"""All SQL with which staff change tasks, pauses and alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.ids import StaffId, TaskId
from kalecart.tasks import alert, paused_topic, task
from kalecart.tending.task_filter import Lane, TaskFilter

# What staff may act on. What runs belongs to its worker; what ended has ended.
_MINE: Final = ("pending", "dead")


def matching(wanted: TaskFilter, *, now: datetime) -> list[sa.ColumnElement[bool]]:
    """A filter as conditions on `task`."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.lane is not None:
        conditions.append(_LANES[wanted.lane](now))
    if wanted.topic:
        conditions.append(task.c.topic == wanted.topic)
    if wanted.q:
        # A key is the topic and every argument: looking into it costs a tenth of taking the arguments apart.
        sought = [sa.func.strpos(sa.literal(":") + task.c.key + ":", f":{text}:") > 0 for text in _spellings(wanted.q)]
        conditions.append(sa.or_(*sought, *([task.c.id == named] if (named := _uuid(wanted.q)) else [])))
    return conditions


def _spellings(text: str) -> set[str]:
    """As it was typed, and as ids of ours are written."""
    return {text, text.lower()}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_PENDING: Final = task.c.state == "pending"
_LANES: Final[Mapping[Lane, Any]] = {
    Lane.DUE: lambda now: sa.and_(_PENDING, task.c.attempts == 0, task.c.due_at <= now),
    Lane.LATER: lambda now: sa.and_(_PENDING, task.c.attempts == 0, task.c.due_at > now),
    Lane.RETRYING: lambda _: sa.and_(_PENDING, task.c.attempts > 0),
    **{lane: (lambda _, lane=lane: task.c.state == lane.value) for lane in list(Lane)[3:]},
}


async def lock(tx: Tx, task_id: TaskId) -> Any:
    """The task's row, locked; None where there is none."""
    return (await tx.execute(sa.select(task).where(task.c.id == task_id).with_for_update())).one_or_none()


def open_to_act(wanted: TaskFilter, *, never_of: Sequence[str], now: datetime) -> list[sa.ColumnElement[bool]]:
    """The same of tasks that staff may act on, but for some topics."""
    return [task.c.state.in_(_MINE), task.c.topic.not_in(never_of), *matching(wanted, now=now)]


async def choose(tx: Tx, wanted: TaskFilter, *, never_of: Sequence[str], most: int, now: datetime) -> Sequence[Any]:
    """Up to `most` tasks that match and may be acted on, the longest due first, locked; others' locks are passed by."""
    mine = open_to_act(wanted, never_of=never_of, now=now)
    rows = sa.select(task.c.id, task.c.topic, task.c.state).where(*mine)
    return (await tx.execute(rows.order_by(task.c.due_at).limit(most).with_for_update(skip_locked=True))).all()


async def make_due(tx: Tx, task_ids: Sequence[TaskId], *, now: datetime) -> None:
    """A given up task begins anew; one that waits, waits no longer."""
    dead = task.c.state == "dead"
    changed = {
        "state": "pending",
        **{count: sa.case((dead, 0), else_=task.c[count]) for count in ("attempts", "unanswered", "lapses")},
        "due_at": sa.case((dead, now), else_=sa.func.least(task.c.due_at, now)),
        "pushed_at": now,
        "pushes": 0,
        "ended_at": None,
    }
    await tx.execute(sa.update(task).where(task.c.id.in_(task_ids)).values(**changed))
    await _told(tx, task_ids, now=now)


async def discard(tx: Tx, task_ids: Sequence[TaskId], *, now: datetime) -> None:
    gone = {"state": "discarded", "ended_at": now}
    await tx.execute(sa.update(task).where(task.c.id.in_(task_ids)).values(**gone))
    await _told(tx, task_ids, now=now)


async def _told(tx: Tx, task_ids: Sequence[TaskId], *, now: datetime) -> None:
    """Somebody looked after them: their alerts are answered."""
    mine = (alert.c.kind == "dead_letter") & alert.c.subject.in_([str(each) for each in task_ids])
    await tx.execute(sa.update(alert).where(mine, alert.c.resolved_at.is_(None)).values(resolved_at=now))


async def pause(tx: Tx, topic: str, *, by: StaffId, now: datetime) -> bool:
    """False where it is paused already."""
    row = insert(paused_topic).values(topic=topic, paused_at=now, paused_by=by)
    return (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1


async def resume(tx: Tx, topic: str, *, now: datetime) -> bool:
    """Lift the pause, and have the next sweep push whatever is due; False where it was not paused."""
    lifted = await tx.execute(sa.delete(paused_topic).where(paused_topic.c.topic == topic))
    if lifted.rowcount != 1:
        return False
    due = (task.c.topic == topic) & _PENDING & (task.c.due_at <= now)
    await tx.execute(sa.update(task).where(due).values(pushed_at=None, pushes=0))
    return True


async def resolve(tx: Tx, alert_id: UUID, *, now: datetime) -> Any:
    """The alert that is resolved now, with its kind; None where there is no open one."""
    mine = sa.update(alert).where(alert.c.id == alert_id, alert.c.resolved_at.is_(None)).values(resolved_at=now)
    return (await tx.execute(mine.returning(alert.c.kind))).one_or_none()
