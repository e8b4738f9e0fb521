"""Once a day, hold the register of personal data against the database (C10): only what is classified can be shown,
kept and erased as promised.
"""

from typing import Final

import structlog

from kalecart import controls, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.privacy.examine import Gap, examine

CONTROL: Final = "register"

log = structlog.get_logger()


async def prove_register(held: tasks.Held | None, *, db: Database, clock: Clock) -> list[Gap]:
    """What nobody classified and what is no more; none where all is known. The run is on record either way."""
    now = clock.now()
    async with db.snapshot() as tx:
        gaps = await examine(tx)
    async with db.transaction() as tx:
        detail = f"{len(gaps)} columns and keys are not as the register has them"
        await controls.record_control(tx, CONTROL, passed=not gaps, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    if gaps:
        log.error("register_incomplete", count=len(gaps))
    return gaps
