"""Staff who ask what share of people bought a product, eight times a year at most, and who send figures out (C6)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.analytics.ask_share import ask_share
from kalecart.analytics.budget import BudgetSpent
from kalecart.analytics.quarter import Quarter
from kalecart.figures.ask_export import ask_export
from kalecart.figures.export import RELEASES_MAX, Format
from kalecart.figures.hand_over import hand_over_export
from simulation.office import Office
from simulation.people import some_time
from simulation.scene import Scene

TOO_SOON, OF_THE_FIRST, NOT_RELEASED = 0.1, 12, 0.2
_RELEASED: Final = "SELECT key FROM release_answer ORDER BY answered_at, key LIMIT :most"


@dataclass
class Inquirers:
    """`paid` are the keys of questions that were let through, by the year that paid; `spent` counts those refused as
    the year had paid for all it may. A shop of few people is refused every one (E77).
    """

    scene: Scene
    office: Office
    skus: Sequence[str]
    every_days: float = 12
    paid: dict[int, set[str]] = field(default_factory=dict)
    spent: Counter[int] = field(default_factory=Counter)

    def plan_day(self) -> None:
        if self.scene.happens("question", every_days=self.every_days):
            self.scene.plan_today((9, 18), "asked about a product", self._asks)
        if self.scene.happens("partner", every_days=self.every_days * 3):
            self.scene.plan_today((9, 18), "asked for a file of figures", self._exports)

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

    async def _exports(self) -> None:
        """For a partner: everything that is out; now and then something that is not."""
        scene, chance = self.scene, self.scene.chance("partners")
        async with scene.shop.web.db.snapshot() as tx:
            keys = list(await tx.scalars(sa.text(_RELEASED), {"most": RELEASES_MAX}))
        if chance.random() < NOT_RELEASED:
            keys = ["orders:2027-Q1"]
        manager, given = await self.office.manager(), scene.shop.web_given("db", "clock", "dispatcher")
        made = await ask_export(keys, chance.choice(list(Format)), by=manager, **given)
        when = scene.now + some_time(chance, 0.1, 2)
        scene.plan(when, "sent a file of figures out", partial(self._sends, made.id))

    async def _sends(self, export_id: UUID) -> None:
        given = self.scene.shop.web_given("db", "clock")
        file = await hand_over_export(export_id, by=await self.office.manager(), **given)
        assert file.content
