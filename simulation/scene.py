"""What those who act in the year share: the shop, the agenda, the people, and what came of it all."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from kalecart.clock import shop_date
from kalecart.errors import KaleCartError
from simulation.agenda import Agenda
from simulation.clock import at
from simulation.people import Colleague, Shopper
from simulation.shop import Shop


@dataclass(kw_only=True)
class Scene:
    """`did` and `refused` count acts by name; a refusal is the shop's rule, anything else that is raised a mistake.
    `often` is how many times as much happens as in a year like others.
    """

    shop: Shop
    seed: int
    start: datetime
    end: datetime
    often: float = 1.0
    agenda: Agenda = field(default_factory=Agenda)
    shoppers: list[Shopper] = field(default_factory=list)
    staff: list[Colleague] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _chances: dict[str, Random] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.shop.time.now()

    @property
    def today(self) -> date:
        return shop_date(self.now)

    def chance(self, what: str) -> Random:
        """Each kind of act draws for itself, so that a change to one leaves the others as they were."""
        return self._chances.setdefault(what, Random(f"{self.seed}:{what}"))

    def plan(self, when: datetime, what: str, act: Callable[[], Awaitable[object]]) -> None:
        """Have somebody do it on the web then, or an hour later for as long as the web is down."""

        async def acted() -> None:
            if "web" in self.shop.down:
                self.plan(self.now + timedelta(hours=1), what, act)
                return
            try:
                await act()
                self.did[what] += 1
            except KaleCartError as refusal:
                self.refused[f"{what}: {type(refusal).__name__}"] += 1

        self.agenda.plan(max(when, self.now), acted)

    def plan_today(self, hours: tuple[float, float], what: str, act: Callable[[], Awaitable[object]]) -> None:
        """Between two hours of the present day."""
        hour = self.chance(f"{what} at").uniform(*hours)
        self.plan(at(self.today, hour), what, act)

    def happens(self, what: str, *, every_days: float) -> bool:
        """Whether it happens today that happens every so many days."""
        return self.chance(f"{what} today").random() < self.often / every_days
