"""People who agreed to be counted, and what they bought: made in few statements, counted as the workers count it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kalecart import tasks
from kalecart.analytics.count_habits import count_habits
from kalecart.analytics.prepare_count import prepare_count
from kalecart.analytics.tables import counted_day, habit
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import Choices, record_consents
from kalecart.consent.tables import pseudonym
from kalecart.database import Database
from kalecart.grants import ANALYTICS, WORKER
from kalecart.ids import CustomerId, OrderId, new_id
from kalecart.jobs import CountHabits
from tests.builders import a_shopper, a_window
from tests.people import Door
from tests.server import Clone

IMPROVE = Purpose.IMPROVE_SERVICE
NOTICE = timedelta(days=14)

_ORDER = sa.text("""
    INSERT INTO customer_order (id, number, customer_id, cart_id, idempotency_key, fingerprint, status, address_id,
                                window_id, payment_method_id, goods_cents, delivery_cents, tax_cents, total_cents,
                                placed_at, paid_at, cancelled_at)
    SELECT :id, :number, customer.id, gen_random_uuid(), :number, '\\x00', :status, customer.address_id, :window,
           card.id, 500, 0, 0, 500, :at, :paid_at, CASE :status WHEN 'cancelled' THEN CAST(:at AS timestamptz) END
      FROM customer JOIN payment_method AS card ON card.customer_id = customer.id WHERE customer.id = :customer
""").bindparams(
    sa.bindparam("id", type_=sa.Uuid),
    sa.bindparam("customer", type_=sa.Uuid),
    sa.bindparam("window", type_=sa.Uuid),
    sa.bindparam("status", type_=sa.Text),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("paid_at", type_=sa.DateTime(timezone=True)),
)
_LINE = sa.text("INSERT INTO order_line VALUES (:id, :sku, :sku, 1, 500, 'food')").bindparams(
    sa.bindparam("id", type_=sa.Uuid)
)


@dataclass(kw_only=True)
class Habits:
    """The shop as its owner sees it, and as the two log-ins see it that prepare the counting and count."""

    door: Door
    as_worker: Database
    as_analytics: Database
    window: Any = None

    async def agrees(self, *, given: bool = True) -> CustomerId:
        """Somebody with a card and an address who was asked, and said yes or no."""
        now = self.door.clock.now()
        self.window = self.window or await a_window(self.door.db, now=now)
        who = (await a_shopper(self.door.db, self.door.vault, now=now, window=self.window)).customer_id
        await self.decides(who, given=given)
        return who

    async def decides(self, who: CustomerId, *, given: bool) -> None:
        self.door.clock.advance(seconds=1)
        choices = Choices(given={IMPROVE: given})
        await record_consents(choices, customer_id=who, db=self.door.db, clock=self.door.clock, notice=NOTICE)

    async def buys(
        self, who: CustomerId, *skus: str, at: datetime | None = None, status: str = "paid", paid: bool = True
    ) -> OrderId:
        order_id, at = OrderId(new_id()), at or self.door.clock.now()
        order = {"id": order_id, "number": order_id.hex, "customer": who, "window": self.window, "status": status}
        async with self.door.db.transaction() as tx:
            await tx.execute(_ORDER, order | {"at": at, "paid_at": at if paid else None})
            await tx.execute(_LINE, [{"id": order_id, "sku": sku} for sku in skus])
        return order_id

    async def prepares(self) -> list[CountHabits]:
        """What the hourly job promises, which was not promised before."""
        before = await self._promised()
        await prepare_count(None, db=self.as_worker, clock=self.door.clock)
        return [job for job in await self._promised() if job not in before]

    async def counts(self) -> list[date]:
        """Prepare, and count what that promised: the days."""
        jobs = await self.prepares()
        for job in jobs:
            await count_habits(job.counted, None, db=self.as_analytics, clock=self.door.clock)
        return sorted(job.counted for job in jobs)

    async def _promised(self) -> list[CountHabits]:
        kept = sa.select(tasks.task.c.arguments).where(tasks.task.c.topic == CountHabits.topic)
        async with self.door.db.transaction() as tx:
            return [CountHabits.parse(row) for row in (await tx.execute(kept)).scalars()]

    async def of(self, who: CustomerId) -> dict[str, int]:
        """What is counted of somebody: products, and on how many days."""
        theirs = habit.join(pseudonym, pseudonym.c.id == habit.c.pseudonym)
        days = sa.func.bit_count(habit.c.days)
        asked = sa.select(habit.c.sku, days.label("days")).select_from(theirs).where(pseudonym.c.customer_id == who)
        async with self.door.db.transaction() as tx:
            return {row.sku: row.days for row in await tx.execute(asked)}

    async def pseudonyms(self, who: CustomerId) -> list[Any]:
        async with self.door.db.transaction() as tx:
            asked = sa.select(pseudonym.c.id).where(pseudonym.c.customer_id == who).order_by(pseudonym.c.period)
            return list((await tx.execute(asked)).scalars())

    async def counted(self, day: date) -> datetime | None:
        async with self.door.db.transaction() as tx:
            return await tx.scalar(sa.select(counted_day.c.counted_at).where(counted_day.c.day == day))


def as_role(clone: Clone, role: str) -> Database:
    assert role in {ANALYTICS, WORKER}
    return Database(clone.url(role), pool_size_max=2, application="test")
