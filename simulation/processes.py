"""The shop's processes as they act at an instant: schedulers that tick, workers that work until nothing is due."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from random import Random
from typing import Final

from kalecart import tasks
from kalecart.complaints.watch import notice_complaints
from kalecart.jobs import (
    AskYearly,
    ExpireCarts,
    OpenWindows,
    ProveFigures,
    ProveMoney,
    ProveRegister,
    ProveTrail,
    SendMail,
    TellExpiring,
    TellPolicy,
    WatchTrail,
)
from kalecart.stand_in import stand_in
from kalecart.sweep import sweep
from kalecart.trail.seal import BATCH_MAX, anchor_if_due, seal
from scheduler.metronome import tick
from simulation.shop import Shop
from workers.broker import PERFORMERS
from workers.performing import Performer, perform_held
from workers.waking import look_about

SCHEDULERS: Final = ("north", "south")
# By process, the queues it works on.
SHIFTS: Final = {"worker": ("payments", "mail", "upkeep"), "privacy": ("privacy",), "analytics": ("analytics",)}
# More than ever are due at an instant: where a part of them ended would be a part of the year.
AT_ONCE: Final = 10_000
# These change nothing that others look at in the same instant, and what they promise nobody else does, so they run
# beside the rest. All else is done in its order, which is part of the year: a case that somebody else has in hand would
# be left for the next tick.
_PROOFS: Final = (ProveFigures, ProveMoney, ProveRegister, ProveTrail, WatchTrail)
_APART: Final = (AskYearly, ExpireCarts, OpenWindows, SendMail, TellExpiring, TellPolicy)
BESIDE: Final = frozenset(job.topic for job in (*_PROOFS, *_APART))
# Ids that grow with time. What is named by chance, or after what is (a cancellation's refund), tells no order.
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# Of a thousand tasks so many lose their worker in the middle, and wait for their lease to lapse.
DROPPED: Final = 0.001


@dataclass
class Processes:
    """`performed` are the topics of tasks in the order in which they were taken up."""

    shop: Shop
    chance: Callable[[str], Random]
    performed: list[str] = field(default_factory=list)
    ticks: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    # Whether somebody holds a lease without working.
    unswept: bool = False
    # When the next task is due or a lease lapses, by the true time; by a clock that is behind it is later.
    coming: datetime | None = None

    async def tick(self) -> None:
        """A tick of every scheduler that lives, both at once or one after the other; where none does, whoever is awake
        stands in."""
        await self.seal()
        alive = [name for name in SCHEDULERS if name not in self.shop.down]
        chance = self.chance("ticks of schedulers")
        chance.shuffle(alive)
        # Which of two is the first nobody knows. That one takes the slot is the same in every year; the instant of its
        # clock is so only where the clocks agree.
        alike = len({self.shop.walls[name].off for name in alive}) == 1
        if chance.random() < 0.5 and alike:  # noqa: PLR2004  # as often together as not
            await asyncio.gather(*(self._tick(name) for name in alive))
        else:
            for name in alive:
                await self._tick(name)
        for name in ("worker", "web"):
            if name not in self.shop.down and await self._stands_in(name):
                self.ticks[f"{name} stood in"] += 1
        if alive:
            process = self.shop.at[alive[0]]
            await sweep(db=process.db, clock=process.clock, dispatcher=process.dispatcher)

    async def _stands_in(self, name: str) -> bool:
        return await stand_in(name, db=self.shop.at[name].db, clock=self.shop.at[name].clock)

    async def _tick(self, name: str) -> None:
        process = self.shop.at[name]
        await tick(db=process.db, clock=process.clock, name=f"scheduler:{name}:1")
        self.ticks[name] += 1

    async def seal(self) -> None:
        """What schedulers do every few seconds: here before anybody looks whether it is done."""
        for name in SCHEDULERS:
            if name not in self.shop.down:
                process = self.shop.at[name]
                while await seal(db=process.db, clock=process.clock) == BATCH_MAX:
                    pass
                if self.shop.place.anchor_file is not None:
                    await anchor_if_due(self.shop.place.anchor_file, db=process.db, now=process.clock.now())
                return

    async def wake(self, name: str) -> None:
        """What a process does when it starts, or a page when somebody opens the board."""
        process = self.shop.at[name]
        if name == "web":
            await notice_complaints(db=process.db, clock=process.clock)
        await look_about(name, process)

    async def work(self) -> None:
        """Until nothing is due any more; then `coming` is when something will be."""
        if self.unswept and "worker" not in self.shop.down:
            worker = self.shop.at["worker"]
            await sweep(db=worker.db, clock=worker.clock, dispatcher=worker.dispatcher)
        while sum([await self._shift(name) for name in await self._look()]):
            pass

    async def _look(self) -> list[str]:
        """Who of those that are up has something to do, by their own clocks."""
        now, awake = self.shop.time.now(), [name for name in SHIFTS if name not in self.shop.down]
        wanted: list[str] = []
        times: list[datetime] = []
        async with self.shop.at["owner"].db.direct() as pg:
            for off in dict.fromkeys(self.shop.walls[name].off for name in awake):
                alike = [name for name in awake if self.shop.walls[name].off == off]
                seen = await pg.fetchrow(_STANDING, [topic for name in alike for topic in _kinds(name)], now + off)
                wanted += [name for name in alike if _kinds(name).keys() & set(seen["due"])]
                times += [seen["coming"] - off] if seen["coming"] else []
                self.unswept = seen["held"]
        self.coming = min(times, default=None)
        return wanted

    async def _shift(self, name: str) -> int:
        process, kinds = self.shop.at[name], _kinds(name)
        async with process.db.direct() as pg:
            claimed = await tasks.claim_due(pg, list(kinds), most=AT_ONCE, now=process.clock.now())
        claimed.sort(key=place_of)
        kept = [held for held in claimed if self.chance(f"dropped {held.topic}").random() >= DROPPED]
        self.dropped += len(claimed) - len(kept)

        async def perform(some: Sequence[tasks.Held]) -> None:
            for held in some:
                await perform_held(held, kinds[held.topic], process)

        await asyncio.gather(
            perform([held for held in kept if held.topic not in BESIDE]),
            perform([held for held in kept if held.topic in BESIDE]),
        )
        self.performed += [held.topic for held in kept]
        return len(claimed)


# Of these topics, by a clock that says $2. What is due and was not claimed waits for something else than time.
_STANDING: Final = """
    SELECT ARRAY (SELECT DISTINCT topic FROM task
                   WHERE state = 'pending' AND due_at <= $2 AND topic = ANY ($1::text[])) AS due,
           least((SELECT min(due_at) FROM task WHERE state = 'pending' AND due_at > $2 AND topic = ANY ($1::text[])),
                 (SELECT min(lease_until) + interval '1 second' FROM task
                   WHERE state = 'running' AND lease_until + interval '1 second' > $2 AND topic = ANY ($1::text[])))
               AS coming,
           EXISTS (SELECT FROM task WHERE state = 'running') AS held
"""


def place_of(held: tasks.Held) -> tuple[str, ...]:
    """Where it stands among what is due. By its own id alone it would be by which of two that act at once was quicker,
    and by how the database found all that were to be seen to: whom and what it is about is as old in every year."""
    told = held.arguments
    return held.topic, told.get("kind", ""), *(each for each in map(str, told.values()) if _ID.fullmatch(each))


@cache
def _kinds(name: str) -> dict[str, Performer]:
    return {kind.topic: perform for kind, perform in PERFORMERS.items() if kind.queue in SHIFTS[name]}
