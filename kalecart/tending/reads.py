"""The queue and the alerts as staff see them: topics with their depth, lists of tasks, one task whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart import audit
from kalecart.database import Pg, Tx
from kalecart.ids import TaskId
from kalecart.jobs import JOBS, NEEDED
from kalecart.scheduling import ALIVE_WITHIN
from kalecart.tasks import LEASE, alert, paused_topics, task
from kalecart.tending.store import matching, open_to_act
from kalecart.tending.task_filter import Lane, TaskFilter

RATE_OVER: Final = timedelta(minutes=5)
COUNT_MAX: Final = 10_000
LINES_MAX: Final = 50


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How much of a topic is where. `oldest_at` is since when the oldest due task has been due."""

    topic: str
    due: int = 0
    later: int = 0
    retrying: int = 0
    running: int = 0
    dead: int = 0
    done_lately: int = 0
    oldest_at: datetime | None = None
    paused_at: datetime | None = None


# Each part by its own partial index: the finished, which are nearly all, are never looked at.
_DEPTHS: Final = """
    SELECT topic, count(*) FILTER (WHERE attempts = 0 AND due_at <= $1) AS due,
           count(*) FILTER (WHERE attempts = 0 AND due_at > $1) AS later,
           count(*) FILTER (WHERE attempts > 0) AS retrying, 0 AS running, 0 AS dead, 0 AS done_lately,
           min(due_at) FILTER (WHERE due_at <= $1) AS oldest_at
      FROM task WHERE state = 'pending' GROUP BY topic
     UNION ALL
    SELECT topic, 0, 0, 0, count(*), 0, 0, NULL FROM task WHERE state = 'running' GROUP BY topic
     UNION ALL
    SELECT topic, 0, 0, 0, 0, count(*), 0, NULL FROM task WHERE state = 'dead' GROUP BY topic
     UNION ALL
    SELECT topic, 0, 0, 0, 0, 0, count(*) FILTER (WHERE state = 'done'), NULL
      FROM task WHERE state IN ('done', 'discarded') AND ended_at > $2 GROUP BY topic
"""
_COUNTS: Final = ("due", "later", "retrying", "running", "dead", "done_lately")


async def depths(pg: Pg, *, now: datetime) -> list[Depth]:
    """Every topic there is, by name, in one statement and a look at the pauses."""
    found: dict[str, dict[str, Any]] = {topic: {} for topic in JOBS}
    for row in await pg.fetch(_DEPTHS, now, now - RATE_OVER):
        seen = found.setdefault(row["topic"], {})
        for name in _COUNTS:
            seen[name] = seen.get(name, 0) + row[name]
        seen["oldest_at"] = seen.get("oldest_at") or row["oldest_at"]
    for row in await pg.fetch("SELECT topic, paused_at FROM paused_topic"):
        found.setdefault(row["topic"], {})["paused_at"] = row["paused_at"]
    return [Depth(topic=topic, **found[topic]) for topic in sorted(found)]


async def direct_workers(pg: Pg, *, now: datetime) -> tuple[int, int]:
    """How many workers are alive, and how many of them claim without hints because Valkey is away."""
    alive = "SELECT count(*) AS alive, count(*) FILTER (WHERE mode = 'direct') AS direct FROM heartbeat"
    row = await pg.fetchrow(f"{alive} WHERE starts_with(name, 'worker:') AND beat_at > $1", now - ALIVE_WITHIN)
    return row["alive"], row["direct"]


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """One task of a list. `paused` says that its topic is."""

    id: TaskId
    topic: str
    key: str
    lane: Lane
    arguments: Mapping[str, str | int]
    attempts: int
    last_error: str | None
    due_at: datetime
    promised_at: datetime
    ended_at: datetime | None
    lease_until: datetime | None
    paused: bool

    @property
    def order_id(self) -> str | None:
        found = self.arguments.get("order_id")
        return str(found) if found else None

    @property
    def renewed_at(self) -> datetime | None:
        """When its worker last said that it is still at it."""
        return self.lease_until - LEASE if self.lease_until else None

    @property
    def held_back(self) -> bool:
        """Whether it waits for its topic to be resumed."""
        return self.paused and self.lane in {Lane.DUE, Lane.LATER, Lane.RETRYING}

    @property
    def ours(self) -> bool:
        """Whether staff may act on it."""
        return self.lane not in {Lane.RUNNING, Lane.DONE, Lane.DISCARDED}

    @property
    def needed(self) -> bool:
        """Whether it may only be tried again."""
        return self.topic in NEEDED


async def tasks_page(
    tx: Tx, wanted: TaskFilter, *, limit: int, before: TaskId | None = None, now: datetime
) -> list[TaskView]:
    """What matches, the latest promised first; `before` is the last one of the page before."""
    rows = sa.select(task).where(*matching(wanted, now=now)).order_by(task.c.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(task.c.id < before)
    paused = await paused_topics(tx)
    return [_view(row, paused, now) for row in (await tx.execute(rows)).all()]


async def count_to_act_on(tx: Tx, wanted: TaskFilter, *, never_of: Sequence[str] = (), now: datetime) -> int:
    """How many match that staff may act on, but for some topics; counted no further than `COUNT_MAX`."""
    mine = sa.select(task.c.id).where(*open_to_act(wanted, never_of=never_of, now=now))
    counted = sa.select(sa.func.count()).select_from(mine.limit(COUNT_MAX).subquery())
    return int(await tx.scalar(counted) or 0)


@dataclass(frozen=True, kw_only=True)
class AlertView:
    id: UUID
    kind: str
    subject: str
    raised_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WholeTask:
    """A task with what was told and done about it."""

    task: TaskView
    pushes: int
    pushed_at: datetime | None
    alerts: Sequence[AlertView]
    lines: Sequence[audit.Line]


async def whole_task(tx: Tx, task_id: TaskId, *, now: datetime) -> WholeTask | None:
    row = (await tx.execute(sa.select(task).where(task.c.id == task_id))).one_or_none()
    if row is None:
        return None
    return WholeTask(
        task=_view(row, await paused_topics(tx), now),
        pushes=row.pushes,
        pushed_at=row.pushed_at,
        alerts=await _alerts(tx, alert.c.subject == str(task_id), limit=LINES_MAX),
        lines=await audit.lines_about(tx, ("task", task_id), limit=LINES_MAX),
    )


async def open_alerts(tx: Tx, *, limit: int) -> list[AlertView]:
    """The latest first."""
    return await _alerts(tx, alert.c.resolved_at.is_(None), limit=limit)


async def open_alert_counts(pg: Pg) -> Mapping[str, int]:
    """By kind."""
    rows = await pg.fetch("SELECT kind, count(*) AS many FROM alert WHERE resolved_at IS NULL GROUP BY kind")
    return {row["kind"]: row["many"] for row in rows}


async def _alerts(tx: Tx, condition: sa.ColumnElement[bool], *, limit: int) -> list[AlertView]:
    rows = await tx.execute(sa.select(alert).where(condition).order_by(alert.c.raised_at.desc()).limit(limit))
    return [AlertView(**row) for row in rows.mappings()]


def _view(row: Any, paused: Mapping[str, datetime], now: datetime) -> TaskView:
    same = ("id", "topic", "key", "arguments", "attempts", "last_error", "due_at", "promised_at", "ended_at")
    values = {name: getattr(row, name) for name in (*same, "lease_until")}
    return TaskView(**values, lane=_lane(row, now), paused=row.topic in paused)


def _lane(row: Any, now: datetime) -> Lane:
    if row.state != "pending":
        return Lane(row.state)
    if row.attempts:
        return Lane.RETRYING
    return Lane.DUE if row.due_at <= now else Lane.LATER
