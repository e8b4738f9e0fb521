"""Read Stripe's own list of events, for those that no webhook brought: ours was down, or theirs was lost."""

from datetime import timedelta
from typing import Final

import structlog

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.payments import inbox, store_open
from kalecart.payments.gateway import Gateway
from kalecart.payments.listing import Span

LIST: Final = "events"
# What has just happened may still come by itself.
LEAVE: Final = timedelta(minutes=1)
OVERLAP: Final = timedelta(minutes=10)
AT_FIRST: Final = timedelta(days=1)

log = structlog.get_logger()


async def backfill_events(held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock) -> int:
    """Put what was missed into the inbox, where it is settled like any other event; returns how many there were.

    Killed half-way it begins again: an event is received once, and the cursor moves when the list is read to its end.
    While Stripe does not answer nothing is done; the next slot reads from the same place.
    """
    until = clock.now() - LEAVE
    async with db.direct() as pg:
        read_until = await store_open.read_until(pg, LIST)
    span = Span(since=(read_until - OVERLAP) if read_until else until - AT_FIRST, until=until)
    missed = 0
    try:
        async for events in gateway.events(span):
            async with db.direct() as pg:
                missed += await inbox.receive_many(pg, [each for each in events if not each.foreign], now=clock.now())
    except Unavailable:
        log.warning("events_not_read")
        return missed
    async with db.transaction() as tx:
        await store_open.advance(tx, LIST, until=until)
        await tasks.finish(tx, held, now=clock.now())
    if missed:
        log.warning("events_backfilled", count=missed)
    return missed
