"""What a person's rights cost: their package, their erasure, many of them at once, the keys of all, and
complaints."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from bench.asking import LOOK_EVERY_S, ask_for_data, drained, until_none
from bench.complaints import complaints
from bench.past import LINES, lay_past
from bench.prepare import sign_up
from bench.scene import BenchFailed, Scene, slow_stripe
from bench.sealing import rotated, sealed_for_orders
from kalecart import logs
from kalecart.errors import NotYet
from kalecart.ids import CustomerId
from kalecart.privacy.erase import erase_person
from kalecart.privacy.subject import Person

LOYAL: Final = 3
ANSWERED_WITHIN_S: Final = 60.0


async def people(scene: Scene) -> dict[str, Any]:
    """(k) to (o), and (t). Whose data is erased asked for it before."""
    logs.configure(process="bench", level="WARNING", log_format="text")
    scene.say("years of orders")
    loyal, others = await _customers(scene)
    scene.say("encryption of an order")
    sealing = await sealed_for_orders(scene)
    scene.say("packages of ten years")
    packages = await packaged(scene, loyal)
    scene.say("many requests at once")
    asking = await drained(scene, others)
    scene.say("erasures")
    gone = await erased(scene, loyal)
    scene.say("a new master key")
    turned = await rotated(scene)
    scene.say("open complaints")
    watched = await complaints(scene)
    return {
        "k_package": packages,
        "l_requests": asking,
        "m_erasure": gone,
        "n_rotation": turned,
        "o_encryption": sealing,
        "t_complaints": watched,
    }


async def _customers(scene: Scene) -> tuple[list[UUID], list[UUID]]:
    """A few who have been customers for years, and many for a shorter time."""
    extent = scene.extent
    await slow_stripe(scene.stack, 0)
    known = await sign_up(scene.parts, first=extent.people, count=LOYAL + extent.requests)
    await slow_stripe(scene.stack, extent.stripe_latency_ms)
    ids = [UUID(shopper.customer) for shopper in known]
    loyal, others = ids[:LOYAL], ids[LOYAL:]
    await lay_past(scene.parts, loyal, orders=extent.loyal_orders)
    await lay_past(scene.parts, others, orders=extent.other_orders)
    await scene.until_quiet()
    return loyal, others


_PACKAGES: Final = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(p.xmin) - r.begun_at)::float8 AS s, p.records, p.bytes
      FROM privacy_package AS p JOIN privacy_request AS r ON r.id = p.request_id WHERE r.id = ANY ($1)
"""


async def packaged(scene: Scene, loyal: Sequence[UUID]) -> dict[str, Any]:
    """(k) One after the other, from the worker's first line to the commit of the package; the slowest counts."""
    took, rows = [], []
    for person in loyal:
        asked = await ask_for_data(scene, [person])
        rows = await _answered(scene, asked)
        took.append(round(rows[0]["s"], 3))
    return {
        "orders": scene.extent.loyal_orders,
        "lines": LINES,
        "seconds": took,
        "most_s": max(took),
        "records": rows[0]["records"],
        "bytes": rows[0]["bytes"],
    }


async def _answered(scene: Scene, asked: Sequence[UUID]) -> Sequence[Any]:
    begun = time.monotonic()
    while time.monotonic() - begun < ANSWERED_WITHIN_S:
        async with scene.parts.db.direct() as pg:
            rows = await pg.fetch(_PACKAGES, list(asked))
        if len(rows) == len(asked):
            return rows
        await asyncio.sleep(LOOK_EVERY_S)
    raise BenchFailed(f"no package was made within {ANSWERED_WITHIN_S:.0f} s")


_UNTOLD: Final = """
    SELECT count(*) FROM customer WHERE id = $1 AND NOT EXISTS (
        SELECT FROM mail WHERE kind = 'erasure' AND customer_id = $1 AND state NOT IN ('waiting', 'sending'))
"""


async def erased(scene: Scene, loyal: Sequence[UUID]) -> dict[str, Any]:
    """(m) Closing the account and emptying it; the letter that is waited for in between is no work."""
    took = []
    for person in loyal:
        closing = await _timed_erasure(scene, person, whole=False)
        await until_none(scene, _UNTOLD, person)
        took.append(round(closing + await _timed_erasure(scene, person, whole=True), 3))
    await scene.until_quiet()
    left = await scene.count("SELECT count(*) FROM vault.data_key WHERE customer_id = ANY ($1)", list(loyal))
    return {
        "orders": scene.extent.loyal_orders,
        "seconds": took,
        "most_s": max(took),
        "failed": left,
        "failures": [f"{left} × a key is still there"] * (left > 0),
    }


async def _timed_erasure(scene: Scene, person: UUID, *, whole: bool) -> float:
    begun, done = time.monotonic(), False
    with contextlib.suppress(NotYet):
        done = await erase_person(Person.customer(CustomerId(person)), None, db=scene.parts.db, clock=scene.parts.clock)
    if done is not whole:
        raise BenchFailed("an erasure did not end when it should")
    return time.monotonic() - begun
