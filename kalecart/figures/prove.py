"""The daily control of figures: no budget was overdrawn, all was paid for, counted and answered in time (C6)."""

from collections.abc import Mapping
from typing import Final

import structlog

from kalecart import controls, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.figures.reads import exceptions

CONTROL: Final = "figures"

log = structlog.get_logger()


async def prove_figures(held: tasks.Held | None, *, db: Database, clock: Clock) -> Mapping[str, int]:
    """How many exceptions there are to each rule; none where all is well. The run is on record either way."""
    now = clock.now()
    async with db.snapshot() as tx:
        found = await exceptions(tx, now=now)
    broken = {rule: count for rule, count in found.items() if count}
    async with db.transaction() as tx:
        detail = ", ".join(f"{count} {rule}" for rule, count in broken.items()) or f"{len(found)} rules hold"
        await controls.record_control(tx, CONTROL, passed=not broken, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    if broken:
        log.error("figures_out_of_bounds", count=sum(broken.values()))
    return broken
