"""One run: set up, let shoppers come, hurt the shop by plan, stop, wait until it is quiet, judge."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg

from chaos.books import Books, read_books, unfinished, unheard
from chaos.catch_up import caught_up
from chaos.counter import Counter
from chaos.history import History
from chaos.load import Crowd
from chaos.plan import Blow
from chaos.proof import proved
from chaos.stage import Stage, set_up
from chaos.strike import Striker
from chaos.verdict import Findings, judge

# Whoever is in the shop when the last fault is over goes on this long, and then goes home in the middle of it.
LEAVE_WITHIN_S: Final = 8.0
QUIET_WITHIN_S: Final = 30.0
# What is not quiet in time has failed; how late it would have been is worth knowing all the same.
LOOK_ON_S: Final = 120.0
STILL_COMING_BACK: Final = (OSError, TimeoutError, aiohttp.ClientError, asyncpg.PostgresError, asyncpg.InterfaceError)

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """`rate` is arrivals a second."""

    seed: int
    seconds: float
    data_dir: Path
    rate: float


@dataclass(kw_only=True)
class Run:
    """What was done and what came of it."""

    options: Options
    history: History
    striker: Striker
    came: dict[str, int]
    deaths: int
    quiet_after_s: float | None  # after the last fault; None where it never was
    unfinished: list[str]
    books: Books
    findings: Findings
    doubts: list[str] = field(default_factory=list)  # what the shop's own proof of its money says, and unheard deaths
    lasted_s: float = 0.0

    @property
    def terminal(self) -> bool:
        return self.quiet_after_s is not None and self.quiet_after_s <= QUIET_WITHIN_S

    @property
    def passed(self) -> bool:
        return self.findings.clean and self.terminal and not self.doubts


async def run(options: Options, blows: Sequence[Blow], *, say: Say) -> Run:
    deaths: list[str] = []
    async with set_up(options.data_dir, say=deaths.append) as stage:
        begun = time.monotonic()

        def now() -> float:
            return time.monotonic() - begun

        history = History(now)
        log_ins = {each["role"]: each for each in json.loads(stage.stack.folder.demo.read_text())}
        counter = Counter.at(stage.url, log_ins["manager"], history)
        crowd = Crowd(stage=stage, counter=counter, history=history, seed=options.seed, rate=options.rate)
        striker = Striker(stage, now)
        say(f"the shop is up; {len(blows)} blows in {options.seconds:.0f} s, seed {options.seed}")
        try:
            await _hurt(stage, crowd, striker, blows, options.seconds, say)
            quiet_after_s, left = await _quiet(stage, crowd, say)
        finally:
            await counter.close()
        books = await read_books(stage)
        doubts = [*await proved(stage), *await unheard(stage)]
        return Run(
            options=options,
            history=history,
            striker=striker,
            came=dict(crowd.came),
            deaths=sum(" ended (" in line for line in deaths),
            quiet_after_s=quiet_after_s,
            unfinished=left,
            books=books,
            findings=judge(history, books),
            doubts=doubts,
            lasted_s=now(),
        )


async def _hurt(stage: Stage, crowd: Crowd, striker: Striker, blows: Sequence[Blow], seconds: float, say: Say) -> None:
    coming = asyncio.create_task(crowd.come())
    striking = asyncio.create_task(striker.carry_out(blows))
    try:
        await asyncio.wait({coming, striking}, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in (coming, striking):
            if task.done() and not task.cancelled():
                task.result()  # an error of ours ends the run
            task.cancel()
        await asyncio.gather(coming, striking, return_exceptions=True)
        await striker.end()
        await stage.heal()
    say(f"the last fault is over; {striker.kills()} kills")


async def _quiet(stage: Stage, crowd: Crowd, say: Say) -> tuple[float | None, list[str]]:
    """How long after the last fault nothing was under way any more, with the last shoppers still leaving meanwhile."""
    loop = asyncio.get_running_loop()
    healed = loop.time()
    catching_up = asyncio.create_task(caught_up(stage))
    leaving = asyncio.create_task(crowd.leave(within_s=LEAVE_WITHIN_S))
    left: list[str] = ["nobody answered"]
    told = False
    while loop.time() < healed + LOOK_ON_S:
        if leaving.done():
            try:
                left = await unfinished(stage)
            except STILL_COMING_BACK:
                left = ["PostgreSQL is coming back"]
            if not left and catching_up.done():
                catching_up.result()
                return loop.time() - healed, []
        if not told and loop.time() > healed + QUIET_WITHIN_S:
            told = True
            say(f"not quiet after {QUIET_WITHIN_S:.0f} s: {len(left)} left, such as {left[:3]}")
        await asyncio.sleep(0.5)
    catching_up.cancel()
    return None, left
