"""The office: who acts there with which rights, orders picked and brought, goods refunded, shelves filled."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final

from kalecart.catalogue.import_sheet import import_sheet
from kalecart.errors import KaleCartError
from kalecart.ids import OrderId, RefundId, new_id
from kalecart.orders.order import Asker
from kalecart.orders.pick import fulfil, start_picking
from kalecart.orders.undelivered import could_not_deliver
from kalecart.paper.item import CabinetId
from kalecart.payments.refund import AskRefund, RefundReason
from kalecart.payments.refund_order import refund_order
from kalecart.staff.designation import Scope, granted, taken
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.training import trained
from kalecart.windows.window import WindowOffer
from local.demonstration import CATALOGUE, read_sheet
from simulation.people import Colleague, some_time
from simulation.scene import Scene

UNDELIVERED, REFUNDED = 0.04, 0.07

_AS_OF: Final = """
    SELECT staff.joined_at,
           (SELECT min(d.acknowledge_by) FROM policy_delivery AS d
             WHERE d.person_id = $1 AND d.acknowledged_at IS NULL) AS read_by,
           (SELECT max(t.expires_at) FROM training AS t WHERE t.staff_id = $1) AS trained_until,
           ARRAY(SELECT DISTINCT d.scope FROM designation AS d
                  WHERE d.staff_id = $1 AND d.starts_at <= $2
                    AND (d.ends_at > $2) IS NOT FALSE AND (d.revoked_at > $2) IS NOT FALSE) AS scopes
      FROM staff WHERE staff.id = $1
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """An order as it is picked and driven: how often somebody looks whether it may be, and what is in its way."""

    order_id: OrderId
    tries: int
    takes: timedelta
    missed: bool
    refunded: timedelta | None


@dataclass
class Office:
    """What staff do is refused wherever their training, their reading or their designation has lapsed."""

    scene: Scene
    cabinets: list[CabinetId] = field(default_factory=list)

    async def acting(self, who: Colleague) -> StaffMember:
        """As the console sees them at this instant: with what lapsed, what they did not read, and what they act for."""
        now = self.scene.now
        async with self.scene.shop.web.db.direct() as pg:
            row = await pg.fetchrow(_AS_OF, who.id, now)
        scopes = [Scope(each) for each in row["scopes"]]
        known = trained(row["trained_until"], joined_at=row["joined_at"])
        return StaffMember(
            id=who.id,
            role=who.role,
            paused=row["read_by"] is not None and row["read_by"] < now,
            trained=known,
            untrained=known.lapsed(now),
            granted=granted(who.role, scopes),
            taken=taken(who.role, scopes),
        )

    def of_role(self, role: Role) -> Colleague:
        """Who has it and is at work, or the first of them all the same."""
        having = [who for who in self.scene.staff if who.role is role and not who.gone]
        return next((who for who in having if who.at_work(self.scene.now)), having[0])

    async def manager(self) -> StaffMember:
        return await self.acting(self.of_role(Role.MANAGER))

    def plan_delivery(self, order_id: OrderId, window: WindowOffer, *, tries: int) -> None:
        chance = self.scene.chance("delivery")
        run = Run(
            order_id=order_id,
            tries=tries,
            takes=timedelta(minutes=50) + some_time(chance, 0.005, 0.08),
            missed=chance.random() < UNDELIVERED,
            refunded=some_time(chance, 0.1, 3) if chance.random() < REFUNDED else None,
        )
        self.scene.plan(window.starts_at - timedelta(minutes=50), "picked", partial(self._picks, run))

    async def _picks(self, run: Run) -> None:
        """On its way it goes as soon as it is picked; what is not paid yet is looked at again a day later."""
        try:
            member = await self.acting(self.of_role(Role.ORDERS))
            member.require("orders:act")
            await start_picking(run.order_id, by=member.id, **self.scene.shop.web_given("db", "clock"))
        except KaleCartError:
            if run.tries > 1:
                again = partial(self._picks, replace(run, tries=run.tries - 1))
                self.scene.plan(self.scene.now + timedelta(days=1), "picked", again)
            raise
        self._drives(run)

    def _drives(self, run: Run) -> None:
        there = self.scene.now + run.takes
        if run.missed:
            self.scene.plan(there, "undelivered", partial(self._misses, run.order_id))
            there += timedelta(hours=3)
        self.scene.plan(there, "brought", partial(self._brings, run.order_id))
        if run.refunded is not None:
            self.scene.plan(there + run.refunded, "refunded", partial(self._refunds, run.order_id))

    async def _misses(self, order_id: OrderId) -> None:
        by = self.of_role(Role.ORDERS).id
        await could_not_deliver(order_id, "nobody_home", by=by, **self.scene.shop.web_given("db", "clock"))

    async def _brings(self, order_id: OrderId) -> None:
        await fulfil(order_id, by=self.of_role(Role.ORDERS).id, **self.scene.shop.web_given("db", "clock"))

    async def _refunds(self, order_id: OrderId) -> None:
        member = await self.acting(self.of_role(Role.ORDERS))
        member.require("refunds:make")
        cents = self.scene.chance("refunds").choice((None, 150, 399, 620))
        asked = AskRefund(
            refund_id=RefundId(new_id()),
            order_id=order_id,
            reason=RefundReason.QUALITY,
            by=Asker.STAFF,
            staff_id=member.id,
            amount_cents=cents,
        )
        await refund_order(asked, **self.scene.shop.web_given("db", "clock", "dispatcher"))

    async def restocks(self) -> None:
        await import_sheet(read_sheet(CATALOGUE), db=self.scene.shop.at["owner"].db, overwrite_stock=True)
