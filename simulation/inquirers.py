"""Staff who ask what share of people bought a product: eight times a year, and the ninth is refused (C6, E75, E76)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kalecart.analytics.ask_share import ask_share
from kalecart.analytics.budget import BudgetSpent
from kalecart.analytics.quarter import Quarter
from simulation.office import Office
from simulation.scene import Scene

TOO_SOON, OF_THE_FIRST = 0.1, 12


@dataclass
class Inquirers:
    """`paid` are the keys of questions that were let through, by the year that paid; `spent` counts those refused as
    the year had paid for all it may. A shop of few people is refused every one (E77).
    """

    scene: Scene
    office: Office
    skus: Sequence[str]
    every_days: float = 15
    paid: dict[int, set[str]] = field(default_factory=dict)
    spent: Counter[int] = field(default_factory=Counter)

    def plan_day(self) -> None:
        if self.scene.happens("question", every_days=self.every_days):
            self.scene.plan_today((9, 18), "asked about a product", self._asks)

    async def _asks(self) -> None:
        """About what sells best, so now and then about the same thing; sometimes about a quarter that is not over."""
        scene, chance = self.scene, self.scene.chance("questions")
        quarter, sku = Quarter.of(scene.today), chance.choice(self.skus[:OF_THE_FIRST])
        if chance.random() >= TOO_SOON:
            quarter = quarter.previous
        manager, year = await self.office.manager(), scene.today.year
        try:
            asked = await ask_share(quarter, sku, by=manager, **scene.shop.web_given("db", "clock"))
        except BudgetSpent:
            self.spent[year] += 1
            raise
        if asked.anew:
            self.paid.setdefault(year, set()).add(asked.key)
