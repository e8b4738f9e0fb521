"""What payments bear: a backlog, a flood of events, and an hour without Valkey in small."""

import os
import signal
from typing import Any, Final

from bench.checkouts import how_unpaid, paid_after
from bench.events import events
from bench.placing import orders_of_carts, total_of_carts
from bench.plan import Closed, Open, prepared
from bench.prepare import fill_carts
from bench.processes import megabytes
from bench.scene import Scene, slow_stripe
from kalecart.ids import new_id
from kalecart.pulse import AWAY_AFTER_S

WORKERS: Final = ("worker-1", "worker-2")
BACKLOG_STRIPE_MS: Final = 300
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
        "failures": placed["failures"],
        "stripe_ms": BACKLOG_STRIPE_MS,
        "per_second": round(placed["done"] / drain_s, 1),
        "worker_mb": max(memory.values(), default=None),
    }


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
        "unpaid": len(unpaid),
        "unpaid_listed": await how_unpaid(scene, unpaid),
        "ms": spread.as_json() if spread else None,
    }
