"""While Valkey is away: claim straight from PostgreSQL, so that orders are charged as if nothing had happened."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from kalecart import tasks
from kalecart.errors import Unavailable
from kalecart.jobs import Job
from kalecart.runtime import Ground
from workers.performing import Performer, perform_held

ROUND_S: Final = 0.1
IDLE_ROUND_S: Final = 0.3

log = structlog.get_logger()


class Unhinted:
    """Looks for due tasks while the pulse says that Valkey is away, and performs up to `at_once` of them together."""

    def __init__(self, performers: Mapping[type[Job], Performer], runtime: Ground, *, at_once: int) -> None:
        self._performers = {kind.topic: perform for kind, perform in performers.items()}
        self._runtime = runtime
        self._at_once = at_once
        self._busy: set[asyncio.Task[None]] = set()

    async def work_forever(self) -> None:
        while True:
            found = await self._round() if self._runtime.dispatcher.pulse.away else 0
            await asyncio.sleep(ROUND_S if found else IDLE_ROUND_S)

    async def finish(self, *, within_s: float) -> None:
        """What was begun may end; a task that does not in time is another worker's once its lease lapses."""
        if self._busy:
            _, late = await asyncio.wait(self._busy, timeout=within_s)
            for task in late:
                task.cancel()

    async def _round(self) -> int:
        """Claim as many as there is room for, and begin them; returns how many."""
        room = self._at_once - len(self._busy)
        if room <= 0:
            return 1  # there is work, only no room: soon there will be
        runtime = self._runtime
        try:
            async with runtime.db.direct() as pg:
                claimed = await tasks.claim_due(pg, list(self._performers), most=room, now=runtime.clock.now())
        except Unavailable as error:
            log.warning("round_missed", error=type(error).__name__)
            return 0
        for held in claimed:
            begun = asyncio.create_task(perform_held(held, self._performers[held.topic], runtime))
            self._busy.add(begun)
            begun.add_done_callback(self._busy.discard)
        return len(claimed)
