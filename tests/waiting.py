"""Until somebody waits for a row that a test holds."""

import asyncio
from typing import Any

from kalecart.database import Database

PATIENCE_S = 120.0
# In this database only: the tests beside this one hold rows of theirs.
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def somebody_waits(db: Database, *, many: int = 1, unless_done: asyncio.Future[Any] | None = None) -> None:
    async with asyncio.timeout(PATIENCE_S), db.direct() as pg:
        while await pg.fetchval(WAITING) < many and not (unless_done and unless_done.done()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # a bounded poll of the database
