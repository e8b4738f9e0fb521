"""Let bank accounts be charged again whose owners' payment record no longer stands against it (C1)."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.payments import store_methods
from kalecart.payments.judge import judge


async def lift_bars(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Judges every customer with a barred account anew: what stood against it may have become old."""
    async with db.transaction() as tx:
        barred = await store_methods.barred_customers(tx)
    for customer_id in barred:
        async with db.transaction() as tx:
            await judge(tx, customer_id, now=clock.now())
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())
