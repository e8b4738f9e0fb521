"""All SQL that changes the inbox: what Stripe told us, by its ids, until it is in the books."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.ids import new_id
from kalecart.jobs import SettleEvent
from kalecart.payments.event import EventSnapshot
from kalecart.tasks import Held, Promise

# The event and the promise to settle it, or neither. What speaks of a payment that is in the books already is settled
# as it comes in: success is final, so there is nothing to ask.
_RECEIVE: Final = """
    WITH books AS (
        SELECT EXISTS (SELECT FROM payment_intent WHERE stripe_id = $3 AND status = 'succeeded') AS paid
    ), received AS (
        INSERT INTO inbox (event_id, type, object_id, received_at, settled_at, outcome)
        SELECT $1, $2, $3, $4, CASE WHEN paid THEN $4::timestamptz END, CASE WHEN paid THEN 'already_paid' END
          FROM books
            ON CONFLICT (event_id) DO NOTHING
     RETURNING settled_at
    )
    INSERT INTO task (id, topic, key, arguments, due_at, promised_at, pushed_at)
    SELECT $5, $6, $7, $8::jsonb, $4, $4, $4 FROM received WHERE settled_at IS NULL
        ON CONFLICT (key) DO NOTHING
 RETURNING id
"""


async def receive(pg: Pg, event: EventSnapshot, promised: Promise, *, now: datetime) -> bool:
    """Keep an event's ids; False where nothing is left to do: it came before, or its payment is in the books."""
    job = promised.job
    about = (event.stripe_id, event.kind, event.object_id, now)
    return await pg.fetchval(_RECEIVE, *about, promised.id, job.topic, job.key, json.dumps(job.arguments())) is not None


_RECEIVE_MANY: Final = """
    WITH heard AS (
        SELECT h.*, EXISTS (SELECT FROM payment_intent WHERE stripe_id = h.object_id AND status = 'succeeded') AS paid
          FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[])
               AS h (event_id, type, object_id, task_id, key, arguments)
    ), received AS (
        INSERT INTO inbox (event_id, type, object_id, received_at, settled_at, outcome)
        SELECT event_id, type, object_id, $8, CASE WHEN paid THEN $8::timestamptz END,
               CASE WHEN paid THEN 'already_paid' END
          FROM heard
            ON CONFLICT (event_id) DO NOTHING
     RETURNING event_id
    ), promised AS (
        INSERT INTO task (id, topic, key, arguments, due_at, promised_at)
        SELECT task_id, $7, key, arguments::jsonb, $8, $8 FROM heard JOIN received USING (event_id) WHERE NOT paid
            ON CONFLICT (key) DO NOTHING
    )
    SELECT count(*) FROM received
"""


async def receive_many(pg: Pg, events: Sequence[EventSnapshot], *, now: datetime) -> int:
    """The same for events that were read from Stripe's list; returns how many of them nobody had told us of."""
    jobs = [SettleEvent(event_id=event.stripe_id) for event in events]
    return await pg.fetchval(
        _RECEIVE_MANY,
        [event.stripe_id for event in events],
        [event.kind for event in events],
        [event.object_id for event in events],
        [new_id() for _ in events],
        [job.key for job in jobs],
        [json.dumps(job.arguments()) for job in jobs],
        SettleEvent.topic,
        now,
    )


_KEEP_FOREIGN: Final = sa.text("""
    INSERT INTO inbox (event_id, type, object_id, received_at, settled_at, outcome)
    VALUES (:id, :kind, :object_id, :now, :now, 'foreign') ON CONFLICT (event_id) DO NOTHING
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def keep_foreign(tx: Tx, event: EventSnapshot, *, now: datetime) -> bool:
    """An event that is none of ours, settled by that; False where it came before."""
    row = {"id": event.stripe_id, "kind": event.kind, "object_id": event.object_id, "now": now}
    return (await tx.execute(_KEEP_FOREIGN, row)).rowcount == 1


async def unsettled(pg: Pg, event_id: str) -> Mapping[str, Any] | None:
    """An event that is not in the books yet, and whether its intent is paid there already."""
    return await pg.fetchrow(
        """
        SELECT type, object_id, coalesce(i.status = 'succeeded', false) AS paid FROM inbox
          LEFT JOIN payment_intent AS i ON i.stripe_id = object_id
         WHERE event_id = $1 AND settled_at IS NULL
        """,
        event_id,
    )


_SETTLE: Final = sa.text("""
    UPDATE inbox SET settled_at = :now, outcome = :outcome WHERE event_id = :event_id
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def settle(tx: Tx, event_id: str, *, outcome: str, now: datetime) -> None:
    await tx.execute(_SETTLE, {"event_id": event_id, "outcome": outcome, "now": now})


_FINISH_SETTLED: Final = """
    WITH event AS (
        SELECT event_id FROM inbox JOIN payment_intent AS i ON i.stripe_id = object_id
         WHERE event_id = $1 AND settled_at IS NULL AND i.status = 'succeeded'
           FOR UPDATE OF inbox
    ), done AS (
        UPDATE task SET state = 'done', ended_at = $2, lease = NULL, lease_until = NULL, last_error = NULL
         WHERE id = $3 AND lease = $4 AND state = 'running' AND EXISTS (SELECT FROM event)
     RETURNING id
    ), settled AS (
        UPDATE inbox SET settled_at = $2, outcome = 'already_paid' FROM event, done
         WHERE inbox.event_id = event.event_id
    )
    SELECT id FROM done
"""


async def finish_settled(pg: Pg, event_id: str, held: Held, *, now: datetime) -> bool:
    """Settle an event whose payment is in the books and end its task; False where it is not, and nothing is written."""
    held.finished = await pg.fetchval(_FINISH_SETTLED, event_id, now, held.id, held.lease) is not None
    return held.finished
