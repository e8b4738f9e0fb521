"""See that lines of the audit trail are sealed: a trail that nobody seals looks like one that nobody touched."""

from typing import Final

from kalecart import alerts, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.trail import reads
from kalecart.trail.verify import SEALED_WITHIN

UNSEALED: Final = "trail_unsealed"


async def watch_trail(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """An alert stays open for as long as a line waits longer than `SEALED_WITHIN`."""
    async with db.transaction() as tx:
        now = clock.now()
        oldest = (await reads.waiting(tx)).oldest
        if oldest is not None and now - oldest > SEALED_WITHIN:
            await alerts.raise_only(tx, UNSEALED, "audit trail", now=now)
        else:
            await alerts.close_kinds(tx, [UNSEALED], now=now)
        await tasks.finish(tx, held, now=now)
