"""Training of everybody who works in a test's shop, so that what it is about is not refused for want of it."""

import sqlalchemy as sa

from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.ids import StaffId
from kalecart.staff import store
from kalecart.staff.tables import staff
from kalecart.staff.training import expires_at


async def train_all(db: Database, clock: Clock) -> None:
    now = clock.now()
    async with db.transaction() as tx:
        for each in list(await tx.scalars(sa.select(staff.c.id))):
            held_on = shop_date(now)
            await store.train(
                tx, StaffId(each), held_on=held_on, expires_at=expires_at(held_on), by=StaffId(each), now=now
            )
