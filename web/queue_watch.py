"""How the queue is, for whoever watches it: metrics and open console pages share one look in a while."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kalecart.clock import Clock
from kalecart.clockwork import youngest
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import StaffId
from kalecart.orders.reads import last_event
from kalecart.tending.reads import Depth, depths, direct_workers, open_alert_counts

LOOK_EVERY_S: Final = 2.0
WATCHERS_MAX: Final = 100
# One person's tabs. Without it, one member of staff could take the places of all.
WATCHERS_PER_MEMBER_MAX: Final = 10


@dataclass(frozen=True, kw_only=True)
class QueueSeen:
    """`workers` is how many are alive, and how many of them work without hints; `alerts` are open ones by kind,
    `beats` the last heartbeat of each kind of process."""

    topics: Sequence[Depth]
    workers: tuple[int, int]
    alerts: Mapping[str, int]
    at: datetime
    beats: Mapping[str, datetime]
    # The last thing that happened to an order, whoever did it.
    order_event: UUID | None = None

    @property
    def mark(self) -> Any:
        """What two looks are compared by."""
        return tuple(self.topics), self.workers, tuple(sorted(self.alerts.items())), self.order_event


class QueueWatch:
    """Looks when asked, but at most every `LOOK_EVERY_S`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._seen: QueueSeen | None = None
        self._looked_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        self._closing = asyncio.Event()
        self._watchers: Counter[StaffId] = Counter()

    def full(self, who: StaffId) -> bool:
        """Whether this member's pages, or those of all staff, are as many as may watch."""
        return self._watchers[who] >= WATCHERS_PER_MEMBER_MAX or self._watchers.total() >= WATCHERS_MAX

    async def seen(self) -> QueueSeen:
        """Raises Unavailable."""
        async with self._one_at_a_time:
            now = asyncio.get_running_loop().time()
            if self._seen is None or now - self._looked_at >= LOOK_EVERY_S:
                self._seen = await look(self._db, self._clock)
                self._looked_at = now
            return self._seen

    async def changes(self, who: StaffId) -> AsyncGenerator[bool]:
        """True when the queue changed, False after every look that found it as it was. Ends when the process does."""
        self._watchers[who] += 1
        mark: Any = None
        try:
            while not self._closing.is_set():
                with contextlib.suppress(Unavailable):
                    seen = await self.seen()
                    yield seen.mark != mark
                    mark = seen.mark
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._closing.wait()
        finally:
            self._watchers[who] -= 1
            if not self._watchers[who]:
                del self._watchers[who]

    def close(self) -> None:
        """End every stream, so that the process can end."""
        self._closing.set()


async def look(db: Database, clock: Clock) -> QueueSeen:
    """The queue at this moment."""
    now = clock.now()
    async with db.direct() as pg:
        return QueueSeen(
            topics=await depths(pg, now=now),
            workers=await direct_workers(pg, now=now),
            alerts=await open_alert_counts(pg),
            at=now,
            beats=await youngest(pg, now),
            order_event=await last_event(pg),
        )
