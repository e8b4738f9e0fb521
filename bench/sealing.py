"""(n) and (o): a new master key while the shop serves, and what of placing an order is encryption."""

import asyncio
import os
import time
from typing import Any, Final

from bench import statements
from bench.asking import ORDERS_PER_SECOND, placed_at_rate
from bench.journeys import SESSION_COOKIE
from bench.plan import Asked, Open, prepared
from bench.processes import cpu_seconds, used
from bench.scene import BenchFailed, Scene, owner_settings
from kalecart.ids import new_id
from kalecart.master_keys import KEY_BYTES, FileKeyProvider
from kalecart.vault import Place
from local import keys
from local.owner import Owner

SERVES: Final = ("web", "postgres")
KEY_TABLE: Final = "vault.data_key"
TRIES: Final = 2_000


async def rotated(scene: Scene) -> dict[str, Any]:
    """(n) Everybody's key wrapped by a new master key; orders are placed meanwhile, and people look at their data."""
    await _add_keys(scene, scene.extent.keys)
    settings, parts = owner_settings(scene.stack), scene.parts
    owner = Owner(settings=settings, db=parts.db, vault=parts.vault)
    placing = asyncio.create_task(placed_at_rate(scene, "rotating"))
    looking = asyncio.create_task(_look_at_their_own(scene))
    try:
        await asyncio.sleep(scene.extent.warm_up_s)
        done = await keys.rotate(owner, told=lambda _done, _total: None)
        served_throughout = not placing.done()
        orders, looks = await placing, await looking
    finally:
        placing.cancel()
        looking.cancel()
    after = await _look_at_their_own(scene, seconds=1.0)
    return {
        "keys": done.rewrapped,
        "seconds": round(done.took_s, 2),
        "failed": orders["failed"] + looks["failed"] + after["failed"],
        "failures": [*orders["failures"], *looks["failures"], *after["failures"]],
        "served_throughout": served_throughout,
        "orders_ms": orders["latency_ms"],
        "own_data_ms": looks["latency_ms"],
    }


async def _add_keys(scene: Scene, count: int) -> None:
    provider, now = FileKeyProvider(owner_settings(scene.stack).master_key_file), scene.parts.clock.now()
    wrapped = (provider.wrap(os.urandom(KEY_BYTES)) for _ in range(count))
    rows = [(new_id(), each.key, each.master_key, now) for each in wrapped]
    columns = ["customer_id", "wrapped", "master_key", "created_at"]
    async with scene.parts.db.direct() as pg:
        await pg.copy_records_to_table("data_key", schema_name="vault", records=rows, columns=columns)
        await pg.execute("ANALYZE vault.data_key")


async def _look_at_their_own(scene: Scene, seconds: float | None = None) -> dict[str, Any]:
    """Shoppers ask what the shop knows of them, for which their keys are needed."""
    headers = {"Host": scene.origin, "Sec-Fetch-Site": "same-origin"}
    asked = [
        Asked(method="GET", path="/api/v1/me", headers=headers | {"Cookie": f"{SESSION_COOKIE}={shopper.session}"})
        for shopper in scene.trade.shoppers
    ]
    shape = Open(per_second=ORDERS_PER_SECOND / 2, seconds=seconds or scene.extent.pair_s, warm_up_s=0.0)
    return await scene.load("own-data", shape, prepared(asked, expect=200))


async def sealed_for_orders(scene: Scene) -> dict[str, Any]:
    """(o) How often somebody's key is fetched while an order is placed, and what fetching and using it costs.

    Nothing can be sealed or opened without its person's key, and keys are only in `vault.data_key`: so the server's
    count of statements that read it bounds all encryption of the order's path, the session's cookie included.
    """
    running = {name: pid for name, pid in scene.running().items() if name in SERVES}
    await statements.begin(scene.parts.db)
    before = cpu_seconds(running)
    report = await placed_at_rate(scene, "sealing")
    placed = report["done"]
    cpu_us = sum(used(before, cpu_seconds(running), each=placed).values())
    sent = await statements.sent(scene.parts.db)
    await _must_see_keys(scene)
    told = {role: _fetched(sent, role, placed) for role in ("kale_web", "kale_worker")}
    web = told["kale_web"]
    using_us = _using_us(scene)
    return {
        "failed": report["failed"],
        "failures": report["failures"],
        "orders": placed,
        "keys_per_order": web["keys"],
        "using_us": round(using_us, 1),
        "cpu_us_per_order": cpu_us,
        "share": round((web["keys"] * using_us + web["server_us"]) / max(cpu_us, 1), 5),
        "by_role": told,
    }


async def _must_see_keys(scene: Scene) -> None:
    """That none was fetched says something only where one that is fetched is seen."""
    await statements.begin(scene.parts.db)
    looked = await _look_at_their_own(scene, seconds=1.0)
    if _fetched(await statements.sent(scene.parts.db), "kale_web", looked["done"])["keys"] < 1:
        raise BenchFailed("keys were fetched and not counted")


def _fetched(sent: statements.Sent, role: str, orders: int) -> dict[str, float]:
    """For each order: keys fetched, and what that took the server."""
    ours = [key for key in sent.each if key[0] == role and KEY_TABLE in key[1]]
    return {
        "keys": round(sum(sent.each[key] for key in ours) / orders, 4),
        "server_us": round(sum(sent.ms[key] for key in ours) * 1000 / orders, 2),
    }


def _using_us(scene: Scene) -> float:
    """Microseconds to unwrap a key and open a value with it."""
    vault, place = scene.parts.vault, Place("customer", "name_sealed", new_id())
    key, wrapped = vault.new_key()
    sealed = key.seal("Bea Bench", place)
    begun = time.process_time()
    for _ in range(TRIES):
        vault.unwrap(wrapped.key, wrapped.master_key).open(sealed, place)
    return (time.process_time() - begun) / TRIES * 1e6
