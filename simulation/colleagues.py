"""Who works here over the year: trained or lapsed, designated for a time, on leave, gone; and the policy they read."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.ids import StaffId
from kalecart.openness.acknowledge import acknowledge_as_staff
from kalecart.policy.publish import publish_text
from kalecart.policy.versions import packaged
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.designate import Asked, designate, revoke
from kalecart.staff.designation import Scope
from kalecart.staff.leave import leave
from kalecart.staff.rights import Role
from kalecart.staff.train import train
from simulation.clock import at
from simulation.office import Office
from simulation.people import PASSWORD, Colleague, some_time
from simulation.scene import Scene

OTHERS: Final = {"dana.delegate@example.com": Role.ORDERS, "robin.runner@example.com": Role.ORDERS}
READS_TODAY = 0.25

_UNREAD: Final = """
    SELECT version FROM policy_delivery WHERE person_id = $1 AND acknowledged_at IS NULL ORDER BY version
"""


@dataclass
class Colleagues:
    scene: Scene
    office: Office

    async def join(self) -> None:
        """Those of the demonstration, and two more; all are trained on their first day."""
        shop = self.scene.shop
        for email, role in OTHERS.items():
            new = NewStaff(name="Somebody New", email=email, password=PASSWORD, role=role)
            await add_staff(new, db=shop.at["owner"].db, vault=shop.vault, clock=shop.at["owner"].clock)
        async with shop.at["owner"].db.snapshot() as tx:
            rows = await tx.execute(sa.text("SELECT id, role FROM staff ORDER BY joined_at, id"))
            self.scene.staff += [Colleague(StaffId(row.id), Role(row.role)) for row in rows]
        for who in self.scene.staff:
            await self._trains(who, self.scene.today)

    def plan_year(self, days: int) -> None:
        """Designations with a gap between them, somebody who leaves, and two new wordings of the policy."""
        day = self._on
        delegate = self.scene.staff[-2]
        self.scene.plan(day(5), "designated", partial(self._designates, delegate, until=day(days * 0.25)))
        self.scene.plan(day(days * 0.3), "designated", partial(self._designates, delegate, until=None))
        self.scene.plan(day(days * 0.6), "designation revoked", self._revokes)
        self.scene.plan(day(days * 0.7), "left the shop", partial(self._leaves, self.scene.staff[-1]))
        for part in (0.2, 0.75):
            self.scene.plan(day(days * part), "published a policy", self._publishes)

    def plan_day(self) -> None:
        scene = self.scene
        scene.plan_today((8, 18), "read the policy", self._read)
        if scene.happens("leave", every_days=40):
            self._goes_on_leave()
        if scene.happens("training", every_days=10):
            scene.plan_today((9, 17), "looked after training", self._looks_after_training)
        if scene.today.weekday() == 0:
            scene.plan_today((5, 6), "restocked", self.office.restocks)

    def _on(self, days: float) -> datetime:
        return at(shop_date(self.scene.start) + timedelta(days=int(days)), 11)

    def _goes_on_leave(self) -> None:
        """Whoever it is; the manager too."""
        who = self.scene.chance("who leaves").choice(self.scene.staff)
        who.away = self.scene.now + some_time(self.scene.chance("leave lasts"), 2, 21)

    async def _trains(self, who: Colleague, held_on: date) -> None:
        manager = await self.office.manager()
        await train(who.id, held_on, by=manager, **self.scene.shop.web_given("db", "clock"))

    async def _looks_after_training(self) -> None:
        """Whoever lapses soon or has lapsed is trained; not everybody at once, and sometimes late."""
        chance, now = self.scene.chance("training held"), self.scene.now
        for who in self.scene.staff:
            member = await self.office.acting(who)
            until = member.trained.ends_at
            soon = until is not None and until - now < timedelta(days=20)
            if not who.gone and soon and chance.random() < 0.5:  # noqa: PLR2004  # the others next time
                await self._trains(who, self.scene.today)

    async def _designates(self, who: Colleague, *, until: datetime | None) -> None:
        asked = Asked(staff_id=who.id, scope=Scope.COMPLAINTS, ends_at=until)
        made = await designate(asked, by=await self.office.manager(), **self.scene.shop.web_given("db", "clock"))
        self._last = made.id

    async def _revokes(self) -> None:
        await revoke(self._last, by=await self.office.manager(), **self.scene.shop.web_given("db", "clock"))

    async def _leaves(self, who: Colleague) -> None:
        await leave(who.id, by=await self.office.manager(), **self.scene.shop.web_given("db", "clock"))
        who.gone = True

    async def _read(self) -> None:
        """Whoever is at work and finds the time."""
        for who in self.scene.staff:
            if who.at_work(self.scene.now) and self.scene.chance("reads").random() < READS_TODAY:
                await self._reads(who)

    async def _reads(self, who: Colleague) -> None:
        db, clock = self.scene.shop.web.db, self.scene.shop.web.clock
        async with db.direct() as pg:
            versions = [row["version"] for row in await pg.fetch(_UNREAD, who.id)]
        for version in versions:
            await acknowledge_as_staff(who.id, version, db=db, clock=clock)

    async def _publishes(self) -> None:
        effective = self.scene.today + timedelta(days=14)
        await publish_text(wording_of(effective), effective_on=effective, **self._owner())

    async def publish_first(self) -> None:
        """What holds from the first day on, where none of the packaged ones does."""
        today = self.scene.today
        if packaged()[0].effective_on > today:
            await publish_text(wording_of(today), effective_on=today, **self._owner())

    def _owner(self) -> dict[str, Any]:
        owner = self.scene.shop.at["owner"]
        return {"db": owner.db, "clock": owner.clock}


def wording_of(effective: date) -> str:
    """The oldest wording there is, from another day on."""
    head, line, rest = packaged()[0].text.partition("In force from ")
    assert line
    return f"{head}In force from {effective:%B} {effective.day}, {effective.year}.{rest[rest.index('.') + 1 :]}"
