"""A year, event by event: time leaps to whatever comes next, and whoever is awake does what a process would do then."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from kalecart.clock import shop_date
from kalecart.policy.publish import publish_policy
from local import demonstration
from local.owner import Owner
from simulation.archivists import Archivists
from simulation.auditors import Auditors
from simulation.clock import at, midnight
from simulation.colleagues import Colleagues
from simulation.complainants import Complainants
from simulation.debits import Debits
from simulation.inquirers import Inquirers
from simulation.office import Office
from simulation.outages import Outage, Trouble, planned
from simulation.processes import Processes
from simulation.reviewers import Reviewers
from simulation.rights import Rights
from simulation.scene import Scene
from simulation.shop import Shop
from simulation.shoppers import Shoppers
from simulation.surveys import Surveys
from simulation.writers import Writers

# The shop opens at eight, and its year ends at noon.
OPENS, ENDS = 8, 12
# By then schedulers, which tick every few seconds, have ticked after a midnight: so early that a task whose worker is
# gone waits for its lease, and is done within the minute all the same.
TICKED_S: Final = 40
QUIET_ROUNDS: Final = 50
STUCK_LEAPS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What kind of year. The same plan is the same year."""

    seed: int
    first_day: date
    days: int
    shoppers: int = 500
    orders_a_day: float = 5.0
    # How many times as much happens besides.
    often: float = 1.0
    # Beside the tick after each midnight, when everything that is counted in days begins: so many more on average, at
    # any hour. What has an instant of its own, such as a step of escalation, waits for none of them.
    ticks_a_day: float = 0.25

    @property
    def start(self) -> datetime:
        return at(self.first_day, OPENS)

    @property
    def end(self) -> datetime:
        return at(self.first_day + timedelta(days=self.days), ENDS)


@dataclass(kw_only=True)
class Lived:
    """A year that was lived: who acted, what failed when, and how long it took."""

    plan: Plan
    scene: Scene
    processes: Processes
    complainants: Complainants
    rights: Rights
    surveys: Surveys
    inquirers: Inquirers
    debits: Debits
    writers: Writers
    reviewers: Reviewers
    auditors: Auditors
    archivists: Archivists
    outages: Sequence[Outage]
    took_s: float = 0.0
    leaps: int = field(default=0)


async def live(plan: Plan, shop: Shop, *, say: Callable[[str], None] = lambda _line: None) -> Lived:
    """Open the shop, let everybody act until the end, and let what is under way then come to rest."""
    began = time.monotonic()
    scene = Scene(shop=shop, seed=plan.seed, start=plan.start, end=plan.end, often=plan.often)
    year = _Year(plan, scene, await _opened(scene), say)
    await year.run()
    return Lived(
        plan=plan,
        scene=scene,
        processes=year.processes,
        complainants=year.complainants,
        rights=year.rights,
        surveys=year.surveys,
        inquirers=year.inquirers,
        debits=year.debits,
        writers=year.writers,
        reviewers=year.reviewers,
        auditors=year.auditors,
        archivists=year.archivists,
        outages=year.outages,
        took_s=time.monotonic() - began,
        leaps=year.leaps,
    )


async def _opened(scene: Scene) -> list[str]:
    """The demonstration's shelves and log-ins, on the first day; returns what is sold."""
    owner = scene.shop.at["owner"]
    settings = owner.settings
    await publish_policy(db=owner.db, clock=owner.clock)
    await Colleagues(scene, Office(scene)).publish_first()
    await demonstration.seed(Owner(settings=settings, db=owner.db, vault=owner.vault), clock=owner.clock)
    return [row.product.sku for row in demonstration.read_sheet(demonstration.CATALOGUE).rows]


class _Year:
    def __init__(self, plan: Plan, scene: Scene, skus: list[str], say: Callable[[str], None]) -> None:
        self._plan, self._scene, self._shop, self._say = plan, scene, scene.shop, say
        office = Office(scene)
        self.processes = Processes(scene.shop, scene.chance)
        self.colleagues = Colleagues(scene, office)
        self.shoppers = Shoppers(scene, office, skus, plan.orders_a_day)
        self.complainants = Complainants(scene, office)
        self.rights = Rights(scene, office, self.shoppers)
        self.surveys = Surveys(scene, office)
        self.inquirers = Inquirers(scene, office, skus)
        self.debits = Debits(scene)
        self.writers = Writers(scene, self.complainants)
        self.reviewers, self.auditors = Reviewers(scene, office), Auditors(scene, office)
        self.archivists = Archivists(scene, office)
        self._people = (
            *(self.shoppers, self.complainants, self.rights, self.colleagues),
            *(self.surveys, self.inquirers, self.debits, self.writers),
            *(self.reviewers, self.auditors, self.archivists),
        )
        self.outages = planned(plan.start, plan.days, seed=plan.seed)
        self.leaps, self._stuck = 0, 0

    async def run(self) -> None:
        await self.colleagues.join()
        self.colleagues.plan_year(self._plan.days)
        self.writers.begin()
        self.shoppers.plan_sign_ups(self._plan.shoppers)
        for outage in self.outages:
            self._scene.agenda.plan(outage.begins, self._machines)
            self._scene.agenda.plan(outage.ends, self._machines)
        await self._day()
        await self._settle()
        while (coming := self._next()) < self._plan.end:
            await self._leap(coming)
        await self._come_to_rest()

    def _next(self) -> datetime:
        times = [self._scene.agenda.next_at, self._shop.bank.next_at, self.processes.coming]
        return max(min((each for each in times if each is not None), default=self._plan.end), self._scene.now)

    async def _leap(self, to: datetime) -> None:
        """To that instant, and everything that happens then, until nothing does any more."""
        self._stuck = self._stuck + 1 if to == self._scene.now else 0
        assert self._stuck < STUCK_LEAPS, f"nothing gets on at {to}"
        self._shop.time.leap(to)
        self.leaps += 1
        self._shop.bank.pass_time()
        while act := self._scene.agenda.due(to):
            await act()
        await self._settle()

    async def _settle(self) -> None:
        webhook, awake = self._shop.place.webhook_secret, "web" not in self._shop.down
        for _ in range(QUIET_ROUNDS):
            if awake:
                await self._shop.bank.tell(self._shop.web, webhook)
            await self.processes.work()
            if not (awake and self._shop.bank.heard):
                break

    async def _day(self) -> None:
        """Plan what this day brings, and the next day."""
        scene = self._scene
        for who in self._people:
            who.plan_day()
        await self._shop.fresh_tries()
        if scene.today.day == 1:
            self._say(
                f"  {scene.today:%B %Y}: {scene.did['ordered']:,} orders, {len(self.complainants.fates)} complaints"
            )
        chance, tomorrow = scene.chance("ticks"), shop_date(scene.now) + timedelta(days=1)
        whole, part = divmod(self._plan.ticks_a_day, 1)
        for _ in range(int(whole) + (chance.random() < part)):
            scene.agenda.plan(max(at(scene.today, chance.uniform(0.1, 23.9)), scene.now), self.processes.tick)
        scene.agenda.plan(midnight(tomorrow), self._day)
        scene.agenda.plan(midnight(tomorrow) + timedelta(seconds=chance.randrange(1, TICKED_S)), self.processes.tick)

    async def _machines(self) -> None:
        """Set who is down and whose clock is wrong by what is under way now; whoever comes back looks about."""
        shop, now = self._shop, self._scene.now
        going = [outage for outage in self.outages if outage.over(now)]
        faulty = (Trouble.BEHIND, Trouble.AHEAD)
        down = {name for each in going if each.trouble not in faulty for name in each.whom}
        back, shop.down = shop.down - down, down
        shop.post.away = any(each.trouble is Trouble.POST for each in going)
        shop.mailbag.away = any(each.trouble is Trouble.MAILBOX for each in going)
        for name, wall in shop.walls.items():
            wall.off = sum((each.off for each in going if name in each.whom), timedelta())
        for name in sorted(back & {"worker", "privacy", "web"}):
            await self.processes.wake(name)
        if back:
            await self.processes.tick()

    async def _come_to_rest(self) -> None:
        """A last tick at the end, with everybody up; what is due within a day of retries is let come."""
        self._shop.mailbag.breaks = 0.0
        await self._leap(self._plan.end)
        await self.processes.tick()
        await self._settle()
        until = self._plan.end + timedelta(days=1)
        while (coming := self.processes.coming) is not None and coming < until:
            await self._leap_quietly(coming)
        await self.processes.tick()
        await self._settle()

    async def _leap_quietly(self, to: datetime) -> None:
        """Nobody acts any more; only what was promised is done."""
        self._shop.time.leap(max(to, self._scene.now))
        self._shop.bank.pass_time()
        await self._settle()
