"""(a) Orders placed over HTTP, against pgbench placing the same orders on the same server."""

import json
from statistics import median
from typing import Any, Final

from bench import pgbench
from bench.connection import Connection, request
from bench.journeys import CART_COOKIE, SESSION_COOKIE
from bench.plan import Asked, Closed, prepared
from bench.prepare import fill_carts
from bench.processes import cpu_seconds, used
from bench.scene import BenchFailed, Scene, owner_settings
from kalecart.ids import new_id
from kalecart.terms import Terms
from local.ports import HOST

WEB_ROLE: Final = "web"


async def placing(scene: Scene) -> dict[str, Any]:
    """Both in turn, several times; the median of the ratios of neighbours counts. Workers and scheduler stand still."""
    mark = f"bench-{new_id()}-"
    terms = owner_settings(scene.stack).terms
    with scene.background_paused():
        rounds = [await _round(scene, f"{mark}{number}-", terms) for number in range(scene.extent.rounds)]
        await _forget_tasks(scene, but=f"{mark}{scene.extent.rounds - 1}-")
    drain_s = await scene.until_quiet(within_s=180.0)
    return {
        "ratio": round(median(each["ratio"] for each in rounds), 3),
        "orders_per_second": round(median(each["http_per_second"] for each in rounds), 1),
        "pgbench_per_second": round(median(each["pgbench_per_second"] for each in rounds), 1),
        "failed": sum(each["failed"] for each in rounds),
        "failures": [words for each in rounds for words in each["failures"]],
        "clients": scene.extent.at_once,
        "drained_per_second": round(rounds[-1]["orders"] / drain_s, 1),
        "rounds": rounds,
    }


async def _round(scene: Scene, mark: str, terms: Terms) -> dict[str, Any]:
    extent = scene.extent
    carts = extent.orders + extent.yard_orders * len(extent.yard_clients)
    await fill_carts(scene.parts, mark=mark, first=0, count=carts)
    total_cents = await total_of_carts(scene, f"{mark}0")
    shape = Closed(shoppers=extent.at_once, seconds=60.0, journeys_max=extent.orders)
    running = scene.running()
    before = cpu_seconds(running)
    http = await scene.load(
        "orders", shape, prepared(orders_of_carts(scene, mark, total_cents, count=extent.orders), expect=202)
    )
    cpu = used(before, cpu_seconds(running), each=http["done"])
    if http["measured"] == 0:
        raise BenchFailed(f"no order was placed: {http['failures']}")
    yard = await _yard(scene, mark, total_cents, terms)
    return {
        "ratio": round(http["per_second"] / max(yard.values()), 3),
        "http_per_second": http["per_second"],
        "pgbench_per_second": max(yard.values()),
        "pgbench_by_clients": yard,
        "orders": http["done"],
        "failed": http["failed"],
        "failures": http["failures"],
        "latency_ms": http["latency_ms"],
        "cpu_us_per_order": {name: us for name, us in cpu.items() if us},
        "generator_us_per_order": round(http["generator_cpu_s"] / max(http["done"], 1) * 1e6),
    }


async def _yard(scene: Scene, mark: str, total_cents: int, terms: Terms) -> dict[str, float]:
    """Orders a second that pgbench places, by its number of clients."""
    extent = scene.extent
    login = (scene.stack.ports["postgres"], scene.stack.secrets.password(WEB_ROLE))
    reached = {}
    for turn, clients in enumerate(extent.yard_clients):
        stick = pgbench.Yardstick(
            mark=mark,
            first=extent.orders + turn * extent.yard_orders,
            clients=clients,
            each=extent.yard_orders // clients,
            total_cents=total_cents,
            terms=terms,
        )
        rate = await pgbench.orders_per_second(stick, scene.trade, folder=scene.folder, role="kale_web", login=login)
        reached[str(clients)] = round(rate, 1)
    return reached


def orders_of_carts(scene: Scene, mark: str, total_cents: int, *, count: int) -> list[Asked]:
    """One order for each cart that `fill_carts` made."""
    trade = scene.trade
    asked = []
    for number in range(count):
        shopper = trade.shoppers[number % len(trade.shoppers)]
        body = {
            "cart_version": 1,
            "total_cents": total_cents,
            "window_id": trade.windows[number % len(trade.windows)],
            "payment_method_id": shopper.card,
        }
        headers = {
            "Host": scene.origin,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{mark}{number}",
            "Cookie": f"{SESSION_COOKIE}={shopper.session}; {CART_COOKIE}={mark}{number}",
        }
        asked.append(Asked(method="POST", path="/api/v1/orders", headers=headers, body=json.dumps(body)))
    return asked


async def total_of_carts(scene: Scene, cart_token: str) -> int:
    """What the shop itself says such a cart costs."""
    connection = await Connection.open(HOST, scene.port)
    try:
        headers = {"Host": scene.origin, "Cookie": f"{CART_COOKIE}={cart_token}"}
        answer = await connection.ask(request("GET", "/api/v1/cart", headers))
    finally:
        connection.close()
    return json.loads(answer.body)["quote"]["total_cents"]


_FORGET: Final = """
    DELETE FROM task WHERE state = 'pending' AND NOT EXISTS (
        SELECT FROM customer_order WHERE idempotency_key LIKE $1 || '%' AND id::text = arguments ->> 'order_id')
"""


async def _forget_tasks(scene: Scene, *, but: str) -> None:
    """What pgbench promised nobody can perform, and charging one round of orders tells how fast that goes."""
    async with scene.parts.db.direct() as pg:
        await pg.execute(_FORGET, but)
