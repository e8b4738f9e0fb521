"""Cancel what nobody pays, so that its goods and its place in the window go to somebody who does.

A customer may be at their bank this very moment: Stripe is asked first, and money that comes all the same goes back
like that of any cancelled order.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.ids import OrderId
from kalecart.orders import store as orders
from kalecart.orders.cancel import cancel_locked
from kalecart.orders.order import Asker, kept_until
from kalecart.payments import store_unpaid as store
from kalecart.payments.check_payment import check_payment
from kalecart.payments.gateway import Gateway

# Of one run; the next goes on with the rest.
LOOKED_AT_MAX: Final = 10_000
AT_ONCE_MAX: Final = 200

log = structlog.get_logger()


async def release_unpaid(
    held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock, unpaid: timedelta
) -> int:
    """Give up orders that waited for their customer longer than `unpaid`, or past their cut-off; returns how many.

    Where Stripe does not answer, an order is left for the next run.
    """
    async with db.snapshot() as tx:
        found = await store.waiting(tx, limit=LOOKED_AT_MAX)
    released, now = 0, clock.now()
    for order in [order for order in found if _over(order, unpaid, now)][:AT_ONCE_MAX]:
        try:
            if order.asked:
                await check_payment(order.order_id, None, db=db, gateway=gateway, clock=clock)
        except Unavailable as trouble:
            log.warning("release_put_off", order_id=order.order_id, error=type(trouble).__name__)
            continue
        released += await _release(order.order_id, db=db, clock=clock, unpaid=unpaid)
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())
    return released


def _over(order: store.Unpaid, unpaid: timedelta, now: datetime) -> bool:
    return kept_until(order.placed_at, order.cutoff_at, unpaid=unpaid) <= now


async def _release(order_id: OrderId, *, db: Database, clock: Clock, unpaid: timedelta) -> bool:
    """Cancel it if it still waits, now that nobody else can change it."""
    async with db.transaction() as tx:
        order = await orders.lock(tx, order_id)
        if not any(_over(each, unpaid, clock.now()) for each in await store.waiting(tx, limit=1, only=order_id)):
            return False
        await cancel_locked(tx, order, by=Asker.SHOP, clock=clock)
    log.info("order_released", order_id=order_id)
    return True
