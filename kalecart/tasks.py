"""The task table: outbox and job record at once.

A verb promises work in the transaction that causes it. A worker claims the row under a lease, performs it, and commits
`done` together with the effect. Valkey only carries hints; every state below is PostgreSQL's.

    pending ──claim──▶ running ──finish──▶ done
       ▲                  │
       ├──again (backoff)─┤
       ├──lease lapsed────┤
       │                  └──given up────▶ dead  (and an alert row)
       ├──retried by staff─────────────────┤
       └──discarded by staff─▶ discarded ◀─┘
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from kalecart.database import Pg, Tx
from kalecart.errors import NotYet, Unavailable
from kalecart.ids import TaskId, new_id
from kalecart.jobs import Job
from kalecart.tables import metadata

ATTEMPTS_MAX: Final = 12
BACKOFF_FIRST: Final = timedelta(seconds=1)
BACKOFF_MAX: Final = timedelta(minutes=10)
# Short, so that a dead worker's tasks are free again soon; whoever works longer renews it.
LEASE: Final = timedelta(seconds=15)
RENEW_S: Final = 5.0

# Which state may follow which. Only its worker ends what runs: staff cannot take it away.
ARROWS: Final[Mapping[str, frozenset[str]]] = {
    "pending": frozenset({"pending", "running", "discarded"}),
    "running": frozenset({"pending", "done", "dead"}),
    "dead": frozenset({"pending", "discarded"}),
    "done": frozenset(),
    "discarded": frozenset(),
}

task: Final = sa.Table(
    "task",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("arguments", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    # Of the attempts those that the world outside left without an answer, and those whose worker died: a shop whose
    # workers were killed often must not wait as if Stripe had been away for an hour.
    sa.Column("unanswered", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("lapses", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("lease", sa.Uuid),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("pushed_at", sa.DateTime(timezone=True)),
    sa.Column("pushes", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
    sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('pending', 'running', 'done', 'dead', 'discarded')", name="task_state_known"),
    sa.CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name="task_running_means_leased"),
    sa.Index("ix_task_pending", "due_at", postgresql_where=sa.text("state = 'pending'")),
    sa.Index("ix_task_running", "lease_until", postgresql_where=sa.text("state = 'running'")),
    sa.Index("ix_task_ended", "ended_at", postgresql_where=sa.text("state IN ('done', 'discarded')")),
    sa.Index("ix_task_dead", "topic", postgresql_where=sa.text("state = 'dead'")),
    # Every change of state moves the row between partial indexes, so leave it room on its page.
    postgresql_with={"fillfactor": "70"},
)

# What staff hold back for a while. Promises are still accepted; nothing of such a topic is claimed or pushed.
paused_topic: Final = sa.Table(
    "paused_topic",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("paused_by", sa.Uuid, nullable=False),
)

alert: Final = sa.Table(
    "alert",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("resolved_at", sa.DateTime(timezone=True)),
    sa.Index("alert_open_once", "kind", "subject", unique=True, postgresql_where=sa.text("resolved_at IS NULL")),
)


class LeaseLost(Exception):
    """Somebody else works on this task now: what was about to be committed must not be."""


@dataclass
class Held:
    """A claimed task. The lease is the right to commit its effect."""

    id: TaskId
    topic: str
    arguments: dict[str, Any]
    attempts: int
    lease: UUID
    unanswered: int = 0
    finished: bool = field(default=False)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A task that was written and may be hinted once the transaction is committed."""

    id: TaskId
    job: Job


def backoff(unanswered: int) -> timedelta:
    """1 s, 2 s, 4 s … 10 min after the first, second, third … unanswered try."""
    return min(BACKOFF_FIRST * 2 ** min(unanswered - 1, 20), BACKOFF_MAX)


def due_again(unanswered: int, error: BaseException, now: datetime) -> datetime | None:
    """When to try again, or None to give up: only the outside world gets a second chance, rules and bugs do not."""
    if isinstance(error, NotYet):
        return error.after
    if isinstance(error, Unavailable) and unanswered < ATTEMPTS_MAX:
        return now + backoff(unanswered)
    return None


async def promise(
    tx: Tx, job: Job, *, now: datetime, due_at: datetime | None = None, hinted: bool = True
) -> Promise | None:
    """Write a task in the transaction that causes it; None when the same work was promised before.

    `hinted` says that the caller pushes its hint after the commit; otherwise the next sweep does.
    """
    due = due_at or now
    row: dict[str, Any] = {"id": new_id(), "topic": job.topic, "key": job.key, "arguments": job.arguments()}
    row |= {"due_at": due, "promised_at": now, "pushed_at": now if hinted and due <= now else None}
    task_id = (await tx.execute(_PROMISE, row)).scalar_one_or_none()
    return Promise(id=TaskId(task_id), job=job) if task_id else None


# Built once: to build a statement takes longer than to run it.
_PROMISE: Final = insert(task).on_conflict_do_nothing(index_elements=["key"]).returning(task.c.id)


async def promise_each(tx: Tx, jobs: Sequence[Job], *, now: datetime) -> None:
    """Many at once; the next sweep hints them. Work that was promised before is left as it is."""
    if jobs:
        columns = zip(*((new_id(), job.topic, job.key, json.dumps(job.arguments())) for job in jobs), strict=True)
        values = dict(zip(("ids", "topics", "keys", "arguments"), map(list, columns), strict=True))
        await tx.execute(_PROMISE_EACH, {**values, "now": now})


_PROMISE_EACH: Final = sa.text("""
    INSERT INTO task (id, topic, key, arguments, due_at, promised_at)
    SELECT id, topic, key, arguments, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
      FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:arguments AS jsonb[]))
           AS new (id, topic, key, arguments)
        ON CONFLICT (key) DO NOTHING
""")


_CLAIM: Final = """
    UPDATE task SET state = 'running', attempts = attempts + 1, lease = $2, lease_until = $3
     WHERE id = $1 AND state = 'pending' AND due_at <= $4
       AND NOT EXISTS (SELECT FROM paused_topic WHERE paused_topic.topic = task.topic)
 RETURNING topic, arguments, attempts, unanswered
"""


async def under_way(tx: Tx, job: Job) -> bool:
    """Whether it was promised, and is neither done nor given up."""
    mine = (task.c.key == job.key) & task.c.state.in_(("pending", "running"))
    return await tx.scalar(sa.select(sa.exists().where(mine))) is True


async def claim(pg: Pg, task_id: TaskId, *, now: datetime) -> Held | None:
    """Take the lease; None for a duplicate hint, a task done already, one that is not due or whose topic is paused."""
    lease = new_id()
    row = await pg.fetchrow(_CLAIM, task_id, lease, now + LEASE, now)
    if row is None:
        return None
    return _held(task_id, row, lease)


_CLAIM_DUE: Final = """
    WITH due AS (
        SELECT id FROM task
         WHERE state = 'pending' AND due_at <= $1 AND topic = ANY ($5::text[])
           AND topic NOT IN (SELECT topic FROM paused_topic)
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE task SET state = 'running', attempts = attempts + 1, lease = $3, lease_until = $4
      FROM due WHERE task.id = due.id
 RETURNING task.id, topic, arguments, attempts, unanswered, due_at
"""


async def claim_due(pg: Pg, topics: Sequence[str], *, most: int, now: datetime) -> list[Held]:
    """Take the lease of up to `most` due tasks that nobody holds, the longest due first: the way without hints."""
    lease = new_id()
    rows = await pg.fetch(_CLAIM_DUE, now, most, lease, now + LEASE, topics)
    # An UPDATE returns them in the order of its plan.
    return [_held(TaskId(row["id"]), row, lease) for row in sorted(rows, key=itemgetter("due_at", "id"))]


def _held(task_id: TaskId, row: Any, lease: UUID) -> Held:
    arguments, attempts = _parsed(row["arguments"]), row["attempts"]
    return Held(task_id, row["topic"], arguments, attempts, lease, unanswered=row["unanswered"])


def _parsed(value: Any) -> dict[str, Any]:
    """A JSONB value as the driver gives it: text on a plain connection, parsed where SQLAlchemy set a codec."""
    return json.loads(value) if isinstance(value, str) else value


async def renew(pg: Pg, held: Held, *, now: datetime) -> None:
    """Keep the lease a while longer. Where it is lost already, `finish` finds out."""
    await pg.execute(
        "UPDATE task SET lease_until = $3 WHERE id = $1 AND lease = $2 AND state = 'running'",
        held.id,
        held.lease,
        now + LEASE,
    )


async def finish(tx: Tx, held: Held | None, *, now: datetime) -> None:
    """Commit `done` with the effect. None means that the caller holds no task, as when a page settles a payment."""
    await finish_fact(tx, held, now=now)
    if held is not None and not held.finished:
        raise LeaseLost(str(held.id))


async def finish_fact(tx: Tx, held: Held | None, *, now: datetime) -> None:
    """The same where the effect is a fact that is true whoever writes it, such as money that moved: it is committed
    though the lease is lost. Then `held.finished` stays False, and whoever performs the task finds out.
    """
    if held is None or held.finished:
        return
    changed = await tx.execute(_FINISH, {"held": held.id, "by": held.lease, "now": now})
    held.finished = changed.rowcount == 1


_FINISH: Final = sa.text("""
    UPDATE task SET state = 'done', ended_at = :now, lease = NULL, lease_until = NULL, last_error = NULL
     WHERE id = :held AND lease = :by AND state = 'running'
""").bindparams(
    sa.bindparam("held", type_=sa.Uuid),
    sa.bindparam("by", type_=sa.Uuid),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
)


async def fail(tx: Tx, held: Held, error: BaseException, *, now: datetime) -> datetime | None:
    """Record an unsuccessful try; returns when it is due again, or None where it was given up and an alert raised."""
    unanswered = held.unanswered + 1 if isinstance(error, Unavailable) else 0
    again = due_again(unanswered, error, now)
    changes: dict[str, Any] = {"lease": None, "lease_until": None, "last_error": type(error).__name__}
    changes["unanswered"] = unanswered
    if again is None:
        changes |= {"state": "dead", "ended_at": now}
    else:
        changes |= {"state": "pending", "due_at": again, "pushed_at": None, "pushes": 0}
    mine = sa.update(task).where(task.c.id == held.id, task.c.lease == held.lease, task.c.state == "running")
    changed = await tx.execute(mine.values(**changes))
    if changed.rowcount == 1 and again is None:
        await raise_alert(tx, "dead_letter", str(held.id), now=now)
    return again


async def paused_topics(tx: Tx) -> Mapping[str, datetime]:
    """What staff hold back now, and since when: whatever waits for one of these says so."""
    rows = await tx.execute(sa.select(paused_topic.c.topic, paused_topic.c.paused_at))
    return {row.topic: row.paused_at for row in rows}


async def raise_alert(tx: Tx, kind: str, subject: str, *, now: datetime) -> None:
    """Tell staff, once for as long as it is open."""
    await raise_alerts(tx, kind, [subject], now=now)


async def raise_alerts(tx: Tx, kind: str, subjects: Sequence[str], *, now: datetime) -> None:
    """The same of several."""
    rows = [{"id": new_id(), "kind": kind, "subject": subject, "raised_at": now} for subject in subjects]
    if rows:
        await tx.execute(_RAISE, rows)


_RAISE: Final = insert(alert).on_conflict_do_nothing()
