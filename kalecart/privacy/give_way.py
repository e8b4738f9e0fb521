"""Give way to shoppers: a package is seconds of work for processor and database, and nobody waits for it but who asked.

A thousand who ask at once would take a share of every second. While orders come in, whoever packs rests nine times as
long after each as it took, so that of a hundred orders ninety meet no package at all. One request alone waits for
nothing, and a shop without shoppers packs without a rest.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.orders import reads as orders

# Orders placed within this time mean that people are shopping.
SHOPPING: Final = timedelta(seconds=3)
RESTS: Final = 9
# Erasures and tombstones wait in the same queue.
REST_MAX_S: Final = 10.0


@asynccontextmanager
async def giving_way(*, db: Database, clock: Clock) -> AsyncGenerator[None]:
    """Around the making of a package; who fails at it does not rest."""
    began = time.monotonic()
    yield
    async with db.snapshot() as tx:
        shopping = await orders.placed_since(tx, clock.now() - SHOPPING)
    await asyncio.sleep(rest_s(time.monotonic() - began, shopping=shopping))


def rest_s(took_s: float, *, shopping: bool) -> float:
    return min(took_s * RESTS, REST_MAX_S) if shopping else 0.0
