"""Shoppers who come whether or not the shop is well: an open loop."""

import asyncio
import random
from collections import Counter as Tally
from dataclasses import dataclass, field
from typing import Final

from chaos.behaviours import BEHAVIOURS, Trip
from chaos.counter import Counter
from chaos.history import History
from chaos.shopper import Market, Shopper
from chaos.stage import Stage
from local.visitor import Stopped, Visitor

AT_ONCE_MAX: Final = 80


@dataclass(kw_only=True)
class Crowd:
    """`rate` arrivals a second, each one to a behaviour drawn from the seed."""

    stage: Stage
    counter: Counter
    history: History
    seed: int
    rate: float
    came: Tally[str] = field(default_factory=Tally)
    _idle: list[Shopper] = field(default_factory=list)
    _all: list[Shopper] = field(default_factory=list)
    _trips: set[asyncio.Task[None]] = field(default_factory=set)

    async def come(self) -> None:
        """Until cancelled."""
        chance = random.Random(self.seed)  # noqa: S311  # a run to be repeated
        market = await self._market()
        while True:
            name = chance.choices(list(BEHAVIOURS), [weight for _, weight in BEHAVIOURS.values()])[0]
            if len(self._trips) < AT_ONCE_MAX:
                trip = asyncio.create_task(self._trip(name, market, random.Random(chance.random())))  # noqa: S311
                self._trips.add(trip)
                trip.add_done_callback(self._trips.discard)
            await asyncio.sleep(chance.expovariate(self.rate))

    async def leave(self, *, within_s: float) -> None:
        """Whoever is in the shop goes on to the end of their trip; who is still there then is sent away."""
        if self._trips:
            _, late = await asyncio.wait(self._trips, timeout=within_s)
            for trip in late:
                trip.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*(shopper.close() for shopper in self._all))

    async def _market(self) -> Market:
        visitor = Visitor.at(self.stage.url, patience_s=60)
        try:
            return await Market.seen_by(visitor)
        finally:
            await visitor.session.close()

    async def _trip(self, name: str, market: Market, chance: random.Random) -> None:
        self.came[name] += 1
        behaviour, _ = BEHAVIOURS[name]
        try:
            shopper = self._idle.pop() if self._idle else await self._new(market, chance)
            shopper.chance = chance
            await behaviour(Trip(shopper=shopper, counter=self.counter, stage=self.stage))
        except Stopped as why:
            self.history.gave_up(why)  # and does not come again
        else:
            self._idle.append(shopper)

    async def _new(self, market: Market, chance: random.Random) -> Shopper:
        shopper = await Shopper.signed_up(self.stage.url, market, chance, self.history)
        self._all.append(shopper)
        return shopper
