"""Forget carts nobody came back for."""

from kalecart import tasks
from kalecart.carts import store
from kalecart.clock import Clock
from kalecart.database import Database

BATCH_MAX = 1_000


async def expire_carts(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Remove expired carts, at most `BATCH_MAX` a run. One that became an order is never touched (C2)."""
    now = clock.now()
    async with db.transaction() as tx:
        gone = await store.drop_expired(tx, now=now, limit=BATCH_MAX)
        await tasks.finish(tx, held, now=now)
    return gone
