"""`python -m bench.load PLAN`: the load generator, a process of its own. Reads a plan, prints what happened as JSON.

Two shapes. *Closed*: so many shoppers, each beginning anew as soon as it is done; says how much the shop can do.
*Open*: arrivals at a constant rate, whatever the answers do; says how long shoppers wait at that rate. There the time
of an answer counts from the moment its request was meant to be sent: a stall that holds up the generator as well is in
the figures of everybody who would have come meanwhile (no coordinated omission).
"""

import asyncio
import gc
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.connection import Connection
from bench.journeys import FAILURES, Journey
from bench.latency import latency
from bench.plan import Closed, Open, Plan

JOURNEY_WITHIN_S: Final = 30.0
FAILURES_SHOWN_MAX: Final = 5
CLOCK: Final[Callable[[], float]] = time.perf_counter


@dataclass(kw_only=True)
class Tally:
    """What happened. Only what began between `from_` and `until` is a sample; all of it is counted."""

    from_: float
    until: float
    took: list[float] = field(default_factory=list)
    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    ended_last: float = 0.0

    def success(self, began: float) -> None:
        now = CLOCK()
        self.done += 1
        if self.from_ <= began < self.until:
            self.took.append(now - began)
            self.ended_last = now

    def as_json(self) -> dict[str, Any]:
        spread = latency(self.took)
        seconds = max(self.ended_last - self.from_, 1e-9)
        return {
            "done": self.done,
            "failed": self.failed.total(),
            "failures": [f"{count} × {words}" for words, count in self.failed.most_common(FAILURES_SHOWN_MAX)],
            "measured": len(self.took),
            "seconds": round(seconds, 3),
            "per_second": round(len(self.took) / seconds, 2),
            "latency_ms": spread.as_json() if spread else None,
            "generator_cpu_s": round(time.process_time(), 3),
        }


class Pool:
    """Connections that are free, the warmest first; a new one where there is none."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._free: deque[Connection] = deque()

    async def take(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
        return await Connection.open(self._host, self._port)

    def give(self, connection: Connection) -> None:
        if connection.usable:
            self._free.append(connection)

    def close(self) -> None:
        for connection in self._free:
            connection.close()


async def drive(plan: Plan, journey: Journey) -> dict[str, Any]:
    """Do what the plan says and report it."""
    pool = Pool(plan.host, plan.port)
    try:
        shape = plan.shape
        tally = await (_closed(shape, journey, pool) if isinstance(shape, Closed) else _open(shape, journey, pool))
    finally:
        pool.close()
    return tally.as_json()


async def _closed(shape: Closed, journey: Journey, pool: Pool) -> Tally:
    begin = CLOCK()
    tally = Tally(from_=begin + shape.warm_up_s, until=begin + shape.warm_up_s + shape.seconds)
    numbers = iter(range(shape.journeys_max))

    async def shopper() -> None:
        for number in numbers:
            began = CLOCK()
            if began >= tally.until:
                return
            await _once(journey, number, began, pool, tally)

    await asyncio.gather(*(shopper() for _ in range(shape.shoppers)))
    return tally


async def _open(shape: Open, journey: Journey, pool: Pool) -> Tally:
    begin = CLOCK()
    tally = Tally(from_=begin + shape.warm_up_s, until=begin + shape.warm_up_s + shape.seconds)
    running: set[asyncio.Task[None]] = set()
    for number in range(round((shape.warm_up_s + shape.seconds) * shape.per_second)):
        meant = begin + number / shape.per_second
        if (early := meant - CLOCK()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(_once(journey, number, meant, pool, tally))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return tally


async def _once(journey: Journey, number: int, began: float, pool: Pool, tally: Tally) -> None:
    try:
        async with asyncio.timeout(JOURNEY_WITHIN_S):
            connection = await pool.take()
            await journey(connection, number)
    except FAILURES as failure:
        tally.failed[f"{type(failure).__name__}: {failure}"] += 1
        return
    tally.success(began)
    pool.give(connection)


def main() -> int:
    plan = Plan.from_json(json.loads(Path(sys.argv[1]).read_text()))
    journey = plan.journey()
    # What was read stays: looking through it again and again would be the generator's own pauses.
    gc.freeze()
    report = uvloop.run(_whole(drive(plan, journey)))
    json.dump(report, sys.stdout)
    return 0


async def _whole(driving: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    return await driving


if __name__ == "__main__":
    sys.exit(main())
