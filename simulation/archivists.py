"""Who keeps paper in locked cabinets, hands keys on, and shreds before a witness: in time, late, too soon (C8, E70)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from kalecart.errors import NotFound
from kalecart.paper import reads
from kalecart.paper.cabinet import Named
from kalecart.paper.category import Category
from kalecart.paper.file import Filed, file
from kalecart.paper.item import Early, Paper, PaperId, Standing
from kalecart.paper.keep_cabinet import add_cabinet, hand_key
from kalecart.paper.reads import Wanted
from kalecart.paper.shred import shred
from kalecart.privacy.place_hold import lift_hold, place_hold_on
from kalecart.privacy.receive import Received, enter
from kalecart.privacy.request import Channel, Kind
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from simulation.office import Office
from simulation.people import Colleague, some_time
from simulation.scene import Scene

CABINETS: Final = (Named(name="Blue", place="the office"), Named(name="Grey", place="behind the till"))
# What is put away, of a hundred.
KEPT: Final = {Category.IDENTITY: 45, Category.DELIVERY: 25, Category.OTHER: 20, Category.BANK: 10}
ABOUT_SOMEBODY, ALONE, EARLY, TOO_SOON, LET_LIE = 0.8, 0.1, 0.15, 0.1, 0.25


@dataclass
class Archivists:
    """`filed` and `shredded` are what people know that they did."""

    scene: Scene
    office: Office
    every_days: float = 10
    filed: set[PaperId] = field(default_factory=set)
    shredded: dict[PaperId, datetime] = field(default_factory=dict)

    def plan_day(self) -> None:
        scene, often = self.scene, self.every_days
        if len(self.office.cabinets) < len(CABINETS):
            scene.plan_today((10, 12), "set a cabinet up", self._sets_up)
            return
        for what, every_days, act in (
            ("put a paper away", often, self._files),
            ("filed a request on paper", often * 4, self._files_request),
            ("looked for paper to shred", often * 0.8, self._shreds),
            ("handed a key on", often * 5, self._hands_key_on),
            ("placed a hold", often * 6, self._holds),
        ):
            if scene.happens(what, every_days=every_days):
                scene.plan_today((9, 18), what, act)

    async def _sets_up(self) -> None:
        by, number = await self._somebody("sets up"), len(self.office.cabinets)
        made = await add_cabinet(CABINETS[number], by.id, by=by, **self.scene.shop.web_given("db", "clock"))
        self.office.cabinets.append(made)

    async def _files(self) -> None:
        chance = self.scene.chance("paper kept")
        what = chance.choices(list(KEPT), weights=list(KEPT.values()))[0]
        about = chance.choice(self.scene.shoppers) if chance.random() < ABOUT_SOMEBODY else None
        until = None if what.rule.derived else self._day(chance.randrange(10, 100))
        await self._puts(what, about.email if about is not None and about.here else "", until)

    def _day(self, days: int) -> date:
        return self.scene.today + timedelta(days=days)

    async def _puts(self, what: Category, about: str, until: date | None = None) -> Paper:
        cabinet = self.scene.chance("cabinets").choice(self.office.cabinets)
        asked = Filed(what=what, cabinet_id=cabinet, keep_until=until, about=about)
        by = await self._somebody("files")
        paper = await file(asked, by=by, **self.scene.shop.web_given("db", "vault", "clock"))
        self.filed.add(paper.id)
        return paper

    async def _files_request(self) -> None:
        """A letter that asks what is held about its writer; nobody ever shows that it was them."""
        who = self.scene.chance("who asks on paper").choice(self.scene.shoppers)
        member = await self.office.acting(self.office.of_role(Role.PRIVACY))
        asked = Received(kind=Kind.ACCESS, email=who.email, channel=Channel.POST, received_at=self.scene.now)
        given = self.scene.shop.web_given("db", "vault", "clock")
        request = await enter(asked, by=member, **given)
        await self._puts(Category.REQUEST, str(request.id))

    async def _shreds(self) -> None:
        """What its day has come for, most of it; now and then something that must not be shredded yet."""
        scene, chance = self.scene, self.scene.chance("shredding")
        async with scene.shop.web.db.snapshot() as tx:
            lying = sorted(await reads.papers(tx, Wanted(), now=scene.now), key=lambda each: each.filed_at)
        for paper in lying:
            due, drawn = paper.standing(scene.now) is not Standing.KEPT, chance.random()
            if drawn < (1 - LET_LIE if due else EARLY * 0.3):
                early = "" if due or chance.random() < TOO_SOON else Early.SCANNED
                when = scene.now + some_time(chance, 0, 0.05)
                shreds = partial(self._shred, paper.id, early, alone=chance.random() < ALONE)
                scene.plan(when, "shredded a paper", shreds)

    async def _shred(self, paper_id: PaperId, early: str, *, alone: bool) -> None:
        by = await self._somebody("shreds")
        others = [who for who in self._here() if who.id != by.id]
        witness = by.id if alone or not others else self.scene.chance("witnesses").choice(others).id
        await shred(paper_id, witness=witness, early=early, by=by, **self.scene.shop.web_given("db", "clock"))
        self.shredded[paper_id] = self.scene.now

    async def _hands_key_on(self) -> None:
        """To whoever is there; of a cabinet whose key went with somebody first."""
        scene, chance = self.scene, self.scene.chance("keys")
        async with scene.shop.web.db.snapshot() as tx:
            cabinets = await reads.cabinets(tx)
        unkept = [each for each in cabinets if each.holder(scene.now) is None]
        cabinet = chance.choice(unkept or list(cabinets))
        by, to = await self._somebody("hands on"), chance.choice(self._here())
        await hand_key(cabinet.id, to.id, by=by, **scene.shop.web_given("db", "clock"))

    async def _holds(self) -> None:
        """On somebody a paper may be about, for a while."""
        scene, chance = self.scene, self.scene.chance("holds")
        here = [who for who in scene.shoppers if who.here]
        if here:
            lasts = some_time(chance, 20, 120)
            by, given = await self.office.manager(), scene.shop.web_given("db", "vault", "clock")
            review_at = scene.now + timedelta(days=90)
            who = chance.choice(here)
            hold = await place_hold_on(who.email, ground="case-17", review_at=review_at, by=by, **given)
            scene.plan(scene.now + lasts, "lifted a hold", partial(self._lifts, hold))

    async def _lifts(self, hold: UUID) -> None:
        by = await self.office.manager()
        await lift_hold(hold, by=by.id, **self.scene.shop.web_given("db", "clock"))

    def _here(self) -> list[Colleague]:
        return [who for who in self.scene.staff if who.at_work(self.scene.now)]

    async def _somebody(self, does: str) -> StaffMember:
        """Whoever is at work. Raises NotFound for nobody."""
        here = self._here()
        if not here:
            raise NotFound("Nobody is here.")
        return await self.office.acting(self.scene.chance(f"who {does}").choice(here))
