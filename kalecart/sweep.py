"""The sweeper: pushes due tasks that nobody picked up, and frees those whose worker died.

Runs in every worker and scheduler, so there are always several; `SKIP LOCKED` keeps them out of each other's way.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.dispatch import Dispatcher
from kalecart.errors import KaleCartError
from kalecart.ids import TaskId
from kalecart.jobs import JOBS
from kalecart.pulse import Pulse
from kalecart.steps import step
from kalecart.tasks import ATTEMPTS_MAX, raise_alert

INTERVAL_S: Final = 0.5
BATCH_MAX: Final = 500
# A task's own process pushes its hint right after commit. The sweeper steps in when nobody has picked the task up
# this long after, twice as long after every further push: a duplicate hint costs one index probe.
PUSH_AGAIN: Final = timedelta(seconds=3)
# Not much longer, though: whoever has been unlucky with their hints four times is a shopper who waits all the same.
PUSH_DOUBLINGS_MAX: Final = 2
# More hints than this waiting in Valkey is plain overload: the task's own hint is most likely among them, and one more
# would only make the workers look for it twice.
OVERLOAD_HINTS: Final = 50
PUSH_AGAIN_OVERLOADED: Final = timedelta(seconds=60)

log = structlog.get_logger()


async def sweep(*, db: Database, clock: Clock, dispatcher: Dispatcher) -> int:
    """One round; returns how many hints were pushed. While Valkey is away there is nowhere to push them."""
    now = clock.now()
    async with db.transaction() as tx:
        rescued = await rescue(tx, now=now)
        due = [] if dispatcher.pulse.away else await due_for_push(tx, now=now, overloaded=_overloaded(dispatcher.pulse))
    if due:
        step("sweep.marked")
    for task_id, topic in due:
        dispatcher.hint(task_id, topic)
    if rescued:
        log.warning("leases_lapsed", count=rescued)
    return len(due)


async def sweep_forever(*, db: Database, clock: Clock, dispatcher: Dispatcher) -> None:
    """Rounds without end. A database that is away is waited for, and said once for each round missed."""
    while True:
        try:
            await sweep(db=db, clock=clock, dispatcher=dispatcher)
        except KaleCartError as error:
            log.warning("sweep_missed", error=type(error).__name__)
        await asyncio.sleep(INTERVAL_S)


def _overloaded(pulse: Pulse) -> list[str]:
    """Where hints wait, and where nobody knows whether they do: a process that was frozen wakes with an old picture."""
    many = OVERLOAD_HINTS + 1
    return [topic for topic, kind in JOBS.items() if pulse.waiting.get(kind.queue, many) > OVERLOAD_HINTS]


_RESCUE: Final = sa.text("""
    WITH lapsed AS (
        SELECT id, lapses + 1 AS lapses FROM task WHERE state = 'running' AND lease_until < :now
         ORDER BY lease_until LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE task SET state = CASE WHEN lapsed.lapses >= :attempts_max THEN 'dead' ELSE 'pending' END,
                    lapses = lapsed.lapses,
                    ended_at = CASE WHEN lapsed.lapses >= :attempts_max THEN :now END,
                    last_error = 'LeaseLapsed', lease = NULL, lease_until = NULL, pushed_at = NULL, pushes = 0
      FROM lapsed WHERE task.id = lapsed.id
 RETURNING task.id, task.state
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))

_PUSH: Final = sa.text("""
    WITH due AS (
        SELECT id FROM task
         WHERE state = 'pending' AND due_at <= :now AND topic NOT IN (SELECT topic FROM paused_topic)
           AND (pushed_at IS NULL OR pushed_at < :now - make_interval(secs => 2 ^ least(pushes, :doublings)
                                     * CASE WHEN topic = ANY (:overloaded) THEN :overloaded_s ELSE :again_s END))
         ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE task SET pushed_at = :now, pushes = pushes + 1 FROM due WHERE task.id = due.id
 RETURNING task.id, task.topic
""").bindparams(
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("overloaded", type_=ARRAY(sa.Text)),
    sa.bindparam("overloaded_s", type_=sa.Float),
    sa.bindparam("again_s", type_=sa.Float),
)


async def rescue(tx: Tx, *, now: datetime) -> int:
    """Free tasks whose worker died; one that took its worker down every time becomes a dead letter."""
    bounds = {"now": now, "most": BATCH_MAX, "attempts_max": ATTEMPTS_MAX}
    rows = (await tx.execute(_RESCUE, bounds)).all()
    for row in rows:
        if row.state == "dead":
            await raise_alert(tx, "dead_letter", str(row.id), now=now)
    return len(rows)


async def due_for_push(tx: Tx, *, now: datetime, overloaded: Collection[str] = ()) -> Sequence[tuple[TaskId, str]]:
    """Mark and return `(id, topic)` of due tasks that nobody picked up; more patient where a topic is overloaded."""
    bounds = {
        "now": now,
        "most": BATCH_MAX,
        "again_s": PUSH_AGAIN.total_seconds(),
        "overloaded": list(overloaded),
        "overloaded_s": PUSH_AGAIN_OVERLOADED.total_seconds(),
        "doublings": PUSH_DOUBLINGS_MAX,
    }
    return [(TaskId(row.id), row.topic) for row in await tx.execute(_PUSH, bounds)]
