"""What payments bear: a backlog, a flood of events, and an hour without Valkey in small."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from bench.checkouts import paid_after
from bench.connection import Connection, request
from bench.latency import latency
from bench.placing import orders_of_carts, total_of_carts
from bench.plan import Closed, Open, prepared
from bench.prepare import fill_carts
from bench.processes import megabytes
from bench.scene import BenchFailed, Scene, slow_stripe
from kalecart.ids import new_id
from kalecart.pulse import AWAY_AFTER_S
from local.ports import HOST

WORKERS: Final = ("worker-1", "worker-2")
BACKLOG_STRIPE_MS: Final = 300
# A refund is one event, a dispute two: two acts make three events.
EVENTS_PER_SECOND: Final = 50.0
ACTS_PER_SECOND: Final = EVENTS_PER_SECOND * 2 / 3
AWAY_PER_SECOND: Final = 20.0
DRAIN_WITHIN_S: Final = 240.0


async def money(scene: Scene) -> dict[str, Any]:
    """(g), (h) and (i), in this order: the events are about the orders of the backlog."""
    scene.say("a backlog of orders")
    backlog = await drained(scene)
    scene.say("events")
    told = await events(scene)
    scene.say("without Valkey")
    alone = await without_valkey(scene)
    return {"g_backlog": backlog, "h_events": told, "i_without_valkey": alone}


async def drained(scene: Scene) -> dict[str, Any]:
    """(g) Orders that were placed while the workers stood still: how many a second they are charged then."""
    mark, count = f"backlog-{new_id()}-", scene.extent.backlog
    await slow_stripe(scene.stack, BACKLOG_STRIPE_MS)
    with scene.background_paused():
        await fill_carts(scene.parts, mark=mark, first=0, count=count)
        asked = orders_of_carts(scene, mark, await total_of_carts(scene, f"{mark}0"), count=count)
        shape = Closed(shoppers=scene.extent.at_once, seconds=120.0, journeys_max=count)
        placed = await scene.load("backlog", shape, prepared(asked, expect=202))
    drain_s = await scene.until_quiet(within_s=DRAIN_WITHIN_S)
    memory = megabytes({name: pid for name, pid in scene.running().items() if name in WORKERS})
    await slow_stripe(scene.stack, scene.extent.stripe_latency_ms)
    return {
        "orders": placed["done"],
        "failed": placed["failed"],
        "stripe_ms": BACKLOG_STRIPE_MS,
        "per_second": round(placed["done"] / drain_s, 1),
        "worker_mb": max(memory.values(), default=None),
    }


_CHARGED: Final = """
    SELECT i.stripe_id FROM payment_intent AS i JOIN customer_order AS o ON o.id = i.order_id
     WHERE i.status = 'succeeded' AND NOT EXISTS (SELECT FROM refund AS r WHERE r.order_id = o.id)
       AND NOT EXISTS (SELECT FROM dispute AS d WHERE d.order_id = o.id)
     ORDER BY o.placed_at DESC LIMIT $1
"""
_SETTLED: Final = """
    SELECT extract(epoch FROM settled_at - received_at)::float8 AS s FROM inbox
     WHERE type = ANY ($1) AND received_at >= $2
"""
KINDS: Final = ("refund.created", "charge.dispute.created", "charge.dispute.funds_withdrawn")


async def events(scene: Scene) -> dict[str, Any]:
    """(h) Refunds made and disputes opened at Stripe, at a steady rate: from an event's receipt to the books."""
    count = round(ACTS_PER_SECOND * scene.extent.events_s)
    since = scene.parts.clock.now()
    async with scene.parts.db.direct() as pg:
        intents = [row["stripe_id"] for row in await pg.fetch(_CHARGED, count)]
    begun = asyncio.get_running_loop().time()
    async with _stand_in(scene) as ask:
        for number, intent in enumerate(intents):
            await asyncio.sleep(max(begun + number / ACTS_PER_SECOND - asyncio.get_running_loop().time(), 0))
            path = ("/_sim/refunds", "/_sim/disputes")[number % 2]
            await ask(path, {"payment_intent": intent} | ({"amount": 100} if number % 2 == 0 else {}))
    took = asyncio.get_running_loop().time() - begun
    await scene.until_quiet()
    async with scene.parts.db.direct() as pg:
        rows = await pg.fetch(_SETTLED, KINDS, since)
    spread = latency(row["s"] for row in rows if row["s"] is not None)
    return {
        "events": len(rows),
        "per_second": round(len(rows) / took, 1),
        "unsettled": sum(row["s"] is None for row in rows),
        "ms": spread.as_json() if spread else None,
    }


@asynccontextmanager
async def _stand_in(scene: Scene) -> AsyncGenerator[Any]:
    port = scene.stack.ports["stripesim"]
    connection = await Connection.open(HOST, port)
    headers = {"Host": f"{HOST}:{port}", "Content-Type": "application/json"}

    async def ask(path: str, body: dict[str, Any]) -> None:
        answer = await connection.ask(request("POST", path, headers, json.dumps(body).encode()))
        if answer.status != 200:  # noqa: PLR2004  # HTTP's own
            raise BenchFailed(f"the Stripe stand-in refused {path}: {answer.body!r}")

    try:
        yield ask
    finally:
        connection.close()


async def without_valkey(scene: Scene) -> dict[str, Any]:
    """(i) Valkey hangs, which is worse than gone: checkouts go on, and so do payments, straight from PostgreSQL.

    The first seconds, until everybody has noticed, are measured apart.
    """
    pid = scene.running()["valkey"]
    os.kill(pid, signal.SIGSTOP)
    try:
        noticing = await _paying(scene, seconds=AWAY_AFTER_S + 3.0)
        settled = await _paying(scene, seconds=scene.extent.away_s)
    finally:
        os.kill(pid, signal.SIGCONT)
    return {"noticing": noticing, "settled": settled}


async def _paying(scene: Scene, *, seconds: float) -> dict[str, Any]:
    run = f"away-{new_id()}"
    shape = Open(per_second=AWAY_PER_SECOND, seconds=seconds, warm_up_s=0.0)
    report = await scene.load("away", shape, scene.trade.checkouts(run))
    await scene.until_quiet()
    spread, unpaid = await paid_after(scene, run, skip=0, less_s=0.0)
    return {
        "per_second": AWAY_PER_SECOND,
        "failed": report["failed"],
        "failures": report["failures"],
        "unpaid": unpaid,
        "ms": spread.as_json() if spread else None,
    }
