"""What PostgreSQL and Stripe's stand-in hold, read past the shop: the judge does not ask the accused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from chaos.stage import Stage

# Of what an order waits for. The clock's own jobs come and go.
WAITING = """
    SELECT key, topic, state, attempts, coalesce(last_error, '') AS error FROM task
     WHERE state IN ('pending', 'running')
       AND topic IN ('charge_order', 'settle_event', 'settle_cancellation', 'send_refund', 'check_payment', 'let_ahead',
                     'backfill_events')
"""
UNHEARD = """
    SELECT id::text, kind FROM (SELECT t.id, t.topic AS kind FROM task t WHERE t.state = 'dead'
       AND NOT EXISTS (SELECT FROM alert a WHERE a.kind = 'dead_letter' AND a.subject = t.id::text)) dead
"""
# What neither has its money nor waits for its customer, and what was cancelled and has not given it back.
UNDECIDED = """
    SELECT o.id::text, o.status || ' ' || coalesce(p.status, 'without a payment') AS state
      FROM customer_order o LEFT JOIN payment_intent p ON p.order_id = o.id
     WHERE (o.status = 'placed' AND coalesce(p.status, '') NOT IN ('declined', 'action_needed', 'canceled'))
        OR (o.status = 'cancelled' AND p.order_id IS NOT NULL AND p.status NOT IN ('succeeded', 'canceled'))
"""
REFUNDS_UNDER_WAY = "SELECT id::text, state FROM refund WHERE state IN ('open', 'unknown')"


@dataclass(frozen=True, kw_only=True)
class Books:
    """Cents. `collected` and the like are by order."""

    orders: Mapping[str, Mapping[str, Any]]
    entries: Mapping[str, Mapping[str, int]]  # by order, by kind
    charges: Mapping[str, int]  # how many charges the ledger has of an order
    refunds: Mapping[str, Mapping[str, Any]]
    intents: list[Mapping[str, Any]]  # the stand-in's ledger
    dead: int


async def unfinished(stage: Stage) -> list[str]:
    """What is not terminal yet, a line each."""
    async with stage.database() as pg:
        rows = await under_way(pg)
    if waiting := (await stage.steer("GET", "health"))["webhooks"]["on_their_way"]:
        rows.append(f"{waiting} webhooks are on their way")
    return rows


async def under_way(pg: asyncpg.Connection) -> list[str]:
    """The same in the database alone."""
    rows = [
        f"{row['key']} is {row['state']} after {row['attempts']} tries {row['error']}"
        for row in await pg.fetch(WAITING)
    ]
    rows += [f"order {row['id']} is {row['state']}" for row in await pg.fetch(UNDECIDED)]
    rows += [f"refund {row['id']} is {row['state']}" for row in await pg.fetch(REFUNDS_UNDER_WAY)]
    return rows


async def read_books(stage: Stage) -> Books:
    async with stage.database() as pg:
        return await books_in(pg, (await stage.steer("GET", "ledger"))["intents"])


async def books_in(pg: asyncpg.Connection, intents: list[Mapping[str, Any]]) -> Books:
    """Of a database, beside the stand-in's ledger."""
    orders = await pg.fetch(
        "SELECT id::text, customer_id::text, idempotency_key, status, total_cents, paid_at FROM customer_order"
    )
    entries = await pg.fetch("SELECT order_id::text, kind, amount_cents FROM ledger_entry")
    refunds = await pg.fetch("SELECT id::text, order_id::text, amount_cents FROM refund")
    return Books(
        orders={row["id"]: dict(row) for row in orders},
        entries=_by_kind((row["order_id"], row["kind"], row["amount_cents"]) for row in entries),
        charges=_counted(row["order_id"] for row in entries if row["kind"] == "charge"),
        refunds={row["id"]: dict(row) for row in refunds},
        intents=intents,
        dead=await pg.fetchval("SELECT count(*) FROM task WHERE state = 'dead'"),
    )


async def unheard(stage: Stage) -> list[str]:
    """Dead letters that nobody was told of."""
    async with stage.database() as pg:
        return [f"task {row['id']} ({row['kind']}) was given up and nobody was told" for row in await pg.fetch(UNHEARD)]


def _by_kind(rows: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for order, kind, cents in rows:
        kinds = found.setdefault(order, {})
        kinds[kind] = kinds.get(kind, 0) + cents
    return found


def _counted(orders: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for order in orders:
        found[order] = found.get(order, 0) + 1
    return found
