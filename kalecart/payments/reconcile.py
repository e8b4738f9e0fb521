"""Hold Stripe and our books against each other, both ways; settle what can be settled, and name the rest."""

from datetime import timedelta
from typing import Final

import structlog

from kalecart import alerts, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import new_id
from kalecart.payments import store_open
from kalecart.payments.compare import compare, look_again
from kalecart.payments.comparison import Gap, Pair, What
from kalecart.payments.gateway import Gateway, NotAtStripe
from kalecart.payments.listing import Span
from kalecart.payments.look import apply_look, look_at

LIST: Final = "reconciled"
# What is being done now is nobody's gap; what was made yesterday may have changed today.
LEAVE: Final = timedelta(minutes=10)
OVERLAP: Final = timedelta(days=1)
MISMATCH: Final = "mismatch"

log = structlog.get_logger()


async def reconcile(held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock) -> list[str]:
    """From a day before the last reading until ten minutes ago, the first time from the beginning; returns what stays
    apart, by name, and leaves an alert of each.

    While Stripe does not answer nothing is done; the next slot begins at the same place.
    """
    until = clock.now() - LEAVE
    async with db.direct() as pg:
        read_until = await store_open.read_until(pg, LIST)
    span = Span(since=read_until - OVERLAP if read_until else None, until=until)
    try:
        found = await compare(span, db=db, gateway=gateway)
        apart = [left for gap in found.gaps if (left := await _settle(gap, db=db, gateway=gateway, clock=clock))]
        closed = await _closed(apart, db=db, gateway=gateway)
    except Unavailable:
        log.warning("stripe_not_reconciled")
        return []
    async with db.transaction() as tx:
        now = clock.now()
        for pair in apart:
            await tasks.raise_alert(tx, MISMATCH, pair.name, now=now)
        await alerts.close_alerts(tx, MISMATCH, closed, now=now)
        await store_open.advance(tx, LIST, until=until)
        await tasks.finish(tx, held, now=now)
    log.info("stripe_reconciled", count=len(found.seen))
    return [pair.name for pair in apart]


async def _settle(gap: Pair, *, db: Database, gateway: Gateway, clock: Clock) -> Pair | None:
    """Do what can be done about a gap; returns what is left of it."""
    if gap.gap is Gap.STRAY:
        # Made for an order that went on without it: nobody will ever confirm it, so nobody may.
        await gateway.cancel_intent(gap.stripe_id, key=f"stray:{new_id()}")
    elif gap.gap is not Gap.DOUBLE:
        await _bring_in(gap, db=db, gateway=gateway, clock=clock)
    log.warning("gap_found", reason=str(gap.gap), order_id=gap.order_id)
    left = await look_again(gap.what, gap.stripe_id, db=db, gateway=gateway)
    return left if left is not None and left.gap is not None else None


async def _bring_in(gap: Pair, *, db: Database, gateway: Gateway, clock: Clock) -> None:
    try:
        looks = await look_at(str(gap.what), gap.stripe_id, gateway)
    except NotAtStripe:
        return
    async with db.transaction() as tx:
        for look in looks:
            await apply_look(tx, look, now=clock.now())


async def _closed(apart: list[Pair], *, db: Database, gateway: Gateway) -> list[str]:
    """Names of gaps that somebody was told of and that are gone."""
    async with db.direct() as pg:
        told = set(await alerts.open_alerts(pg, MISMATCH)) - {pair.name for pair in apart}
    return [name for name in told if await _gone(name, db=db, gateway=gateway)]


async def _gone(name: str, *, db: Database, gateway: Gateway) -> bool:
    what, gap, stripe_id = name.split(":")
    now = await look_again(What(what), stripe_id, db=db, gateway=gateway)
    return now is None or now.gap is None or str(now.gap) != gap
