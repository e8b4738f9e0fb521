"""(l) A thousand people ask for their data at once, and others shop: what the ones cost the others."""

import asyncio
from collections.abc import Sequence
from statistics import median
from typing import Any, Final
from uuid import UUID

from bench.placing import orders_of_carts, total_of_carts
from bench.plan import Open, prepared
from bench.prepare import fill_carts
from bench.scene import BenchFailed, Scene
from kalecart import audit
from kalecart.customers import store as customers
from kalecart.ids import CustomerId, RequestId, new_id
from kalecart.jobs import FulfilRequest
from kalecart.privacy.ask import PASSWORD, received, take, verified
from kalecart.privacy.request import Channel, Kind, Level
from kalecart.privacy.subject import Person

ORDERS_PER_SECOND: Final = 50.0
LOOK_EVERY_S: Final = 0.2
DRAINED_WITHIN_S: Final = 1_200.0


async def ask_for_data(scene: Scene, people: Sequence[UUID]) -> list[RequestId]:
    """A request of each of them, as after the right password: the work is promised."""
    parts, asked = scene.parts, []
    for person in people:
        now, customer_id = parts.clock.now(), CustomerId(person)
        async with parts.db.transaction() as tx:
            await customers.lock(tx, customer_id)
            request = received(Kind.ACCESS, Channel.ACCOUNT, Person.customer(customer_id), received_at=now)
            by = audit.Actor(kind="customer", id=customer_id)
            request = await take(tx, request, by=by, now=now)
            await verified(tx, request, level=Level.SPECIFICS, proof=PASSWORD, now=now)
        asked.append(request.id)
    return asked


async def drained(scene: Scene, people: Sequence[UUID]) -> dict[str, Any]:
    """Pairs of measurements, one with the requests held back and one while they are worked off, in changing order."""
    await _hold_back(scene)
    asked = await ask_for_data(scene, people)
    alone, beside, packing_s = [], [], 0.0
    loop = asyncio.get_running_loop()
    for pair in range(scene.extent.pairs):
        for packing in (False, True) if pair % 2 == 0 else (True, False):
            if not packing:
                alone.append(await placed_at_rate(scene, f"alone-{pair}"))
                continue
            begun = loop.time()
            await _let_go(scene)
            beside.append(await placed_at_rate(scene, f"beside-{pair}"))
            if not await _waiting(scene):
                raise BenchFailed("all packages were made before the orders were: ask for more of them")
            await _hold_back(scene)
            packing_s += loop.time() - begun
    packed_beside = len(asked) - await _waiting(scene)
    beside_s, begun = packing_s, loop.time()
    await _let_go(scene)
    await until_none(scene, _WORKED_AT, ["pending", "running"], FulfilRequest.topic)
    packing_s += loop.time() - begun
    ratios = [after["p99"] / before["p99"] for before, after in zip(_ms(alone), _ms(beside), strict=True)]
    unmade = len(asked) - await _made(scene, asked)
    return {
        "requests": len(asked),
        "failed": sum(each["failed"] for each in (*alone, *beside)) + unmade,
        "failures": [words for each in (*alone, *beside) for words in each["failures"]]
        + [f"{unmade} × no package"] * (unmade > 0),
        "per_second": ORDERS_PER_SECOND,
        "grows": round(median(ratios) - 1, 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "alone_p99_ms": median(each["p99"] for each in _ms(alone)),
        "beside_p99_ms": median(each["p99"] for each in _ms(beside)),
        "packages_per_second_beside": round(packed_beside / max(beside_s, 1e-9), 2),
        "took_s": round(packing_s, 1),
        "alone": alone,
        "beside": beside,
    }


async def placed_at_rate(scene: Scene, name: str) -> dict[str, Any]:
    """POST /api/v1/orders at a steady rate, charged by the workers meanwhile; waits for the last of them."""
    extent, mark = scene.extent, f"{name}-{new_id()}-"
    count = round(ORDERS_PER_SECOND * (extent.pair_s + extent.warm_up_s))
    await fill_carts(scene.parts, mark=mark, first=0, count=count)
    asked = orders_of_carts(scene, mark, await total_of_carts(scene, f"{mark}0"), count=count)
    shape = Open(per_second=ORDERS_PER_SECOND, seconds=extent.pair_s, warm_up_s=extent.warm_up_s)
    report = await scene.load(name, shape, prepared(asked, expect=202))
    if not report["measured"]:
        raise BenchFailed(f"no order was placed: {report['failures']}")
    await until_none(scene, _WORKED_AT, ["pending", "running"], "charge_order")
    return report


_WORKED_AT: Final = "SELECT count(*) FROM task WHERE state = ANY ($1) AND topic = $2"


async def until_none(scene: Scene, counted: str, *arguments: Any) -> None:
    """Wait until a count is nothing. Raises BenchFailed after a while."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while await scene.count(counted, *arguments):
        if loop.time() - begun > DRAINED_WITHIN_S:
            raise BenchFailed(f"something was not done within {DRAINED_WITHIN_S:.0f} s")
        await asyncio.sleep(LOOK_EVERY_S)


async def _waiting(scene: Scene) -> int:
    return await scene.count(_WORKED_AT, ["pending", "running"], FulfilRequest.topic)


async def _made(scene: Scene, asked: Sequence[RequestId]) -> int:
    return await scene.count("SELECT count(*) FROM privacy_package WHERE request_id = ANY ($1)", list(asked))


def _ms(reports: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    return [report["latency_ms"] for report in reports]


async def _hold_back(scene: Scene) -> None:
    """As staff would, and until those that are being made are made."""
    async with scene.parts.db.direct() as pg:
        await pg.execute(
            "INSERT INTO paused_topic (topic, paused_at, paused_by) VALUES ($1, now(), $2)",
            FulfilRequest.topic,
            new_id(),
        )
    await until_none(scene, _WORKED_AT, ["running"], FulfilRequest.topic)


async def _let_go(scene: Scene) -> None:
    async with scene.parts.db.direct() as pg:
        await pg.execute("DELETE FROM paused_topic WHERE topic = $1", FulfilRequest.topic)
