"""(b), (c) and (f): whole checkouts over HTTP, from the first line in a cart to the accepted order and its payment."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from bench import statements
from bench.latency import Latency, latency
from bench.plan import Closed, Open, Trade
from bench.prepare import chosen
from bench.processes import cpu_seconds, used
from bench.scene import Scene
from kalecart.ids import new_id

CALLS_TO_STRIPE: Final = 2  # an intent is created, then confirmed


async def whole(scene: Scene) -> dict[str, Any]:
    """(b) How many a second, and how many SQL statements each; counted until the last one is paid."""
    await statements.begin(scene.parts.db)
    report, drain_s = await _closed(scene, "whole", scene.trade, scene.extent.checkout_s)
    sent = await statements.sent(scene.parts.db)
    per = sent.per(report["done"])
    return report | {
        "paid_within_s": round(drain_s, 2),
        "statements": round(sum(per.values()), 2),
        "statements_by_role": per,
        "statements_listed": sent.listed(report["done"]),
    }


async def crowded(scene: Scene, usual_per_second: float) -> dict[str, Any]:
    """(f) Everybody wants the same few products: nobody may fail, and it should hardly be slower."""
    few = replace(scene.trade, skus=chosen(scene.trade.skus, scene.extent.few_products, seed=scene.seed))
    report, _ = await _closed(scene, "crowded", few, scene.extent.crowded_s)
    share = round(report["per_second"] / max(usual_per_second, 1e-9), 3)
    return report | {"share_of_usual": share, "products": len(few.skus), "shoppers": scene.extent.at_once}


async def _closed(scene: Scene, name: str, trade: Trade, seconds: float) -> tuple[dict[str, Any], float]:
    extent = scene.extent
    shape = Closed(shoppers=extent.at_once, seconds=seconds, warm_up_s=extent.warm_up_s)
    running = scene.running()
    before = cpu_seconds(running)
    report = await scene.load(name, shape, trade.checkouts(f"{name}-{new_id()}"))
    drain_s = await scene.until_quiet()
    cpu = used(before, cpu_seconds(running), each=report["done"])
    return report | {"cpu_us_per_checkout": cpu}, drain_s


# Nothing of an order's timeline is ever changed, so its rows tell when they were committed.
_PAID: Final = """
    SELECT o.id, extract(epoch FROM pg_xact_commit_timestamp(paid.xmin) - pg_xact_commit_timestamp(placed.xmin))::float8
               AS s
      FROM customer_order AS o
      JOIN order_event AS placed ON placed.order_id = o.id AND placed.kind = 'placed'
 LEFT JOIN order_event AS paid ON paid.order_id = o.id AND paid.kind = 'paid'
     WHERE o.idempotency_key LIKE $1 || '-%'
     ORDER BY o.placed_at OFFSET $2
"""

_UNPAID: Final = """
    SELECT concat_ws(', ', o.status, i.status, t.topic || ' ' || t.state, t.last_error) AS how, count(*) AS many
      FROM customer_order AS o
 LEFT JOIN payment_intent AS i ON i.order_id = o.id
 LEFT JOIN task AS t ON t.topic = 'charge_order' AND t.arguments ->> 'order_id' = o.id::text
     WHERE o.id = ANY ($1) GROUP BY 1 ORDER BY many DESC
"""


async def paid(scene: Scene, per_second: float) -> dict[str, Any]:
    """(c) From the commit of an accepted order to that of its payment, less what the stand-in took, at this rate."""
    extent = scene.extent
    run = f"paid-{new_id()}"
    shape = Open(per_second=per_second, seconds=extent.paid_s, warm_up_s=extent.warm_up_s)
    report = await scene.load("paid", shape, scene.trade.checkouts(run))
    await scene.until_quiet()
    stripe_s = CALLS_TO_STRIPE * extent.stripe_latency_ms / 1000
    spread, unpaid = await paid_after(scene, run, skip=round(per_second * extent.warm_up_s), less_s=stripe_s)
    return {
        "per_second": round(per_second, 1),
        "unpaid": len(unpaid),
        "unpaid_listed": await how_unpaid(scene, unpaid),
        "stripe_ms": round(stripe_s * 1000),
        "ours_ms": spread.as_json() if spread else None,
        "failed": report["failed"],
        "failures": report["failures"],
        "checkout_ms": report["latency_ms"],
    }


async def paid_after(scene: Scene, run: str, *, skip: int, less_s: float) -> tuple[Latency | None, list[UUID]]:
    """How long the orders of a run waited for their payment, less what Stripe took; and which wait still."""
    async with scene.parts.db.direct() as pg:
        rows = await pg.fetch(_PAID, run, skip)
    spread = latency(row["s"] - less_s for row in rows if row["s"] is not None)
    return spread, [row["id"] for row in rows if row["s"] is None]


async def how_unpaid(scene: Scene, orders: list[UUID]) -> list[str]:
    """How far each of them came."""
    async with scene.parts.db.direct() as pg:
        rows = await pg.fetch(_UNPAID, orders)
    return [f"{row['many']} × {row['how']}" for row in rows]
