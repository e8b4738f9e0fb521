"""Delivery of events to the shop's webhook, signed as Stripe signs, again and again until it is accepted.

What has not been delivered is known from the journal, so a restart goes on where the last run ended.
"""

import asyncio
import hashlib
import heapq
import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from types import TracebackType
from typing import Any, Self

import aiohttp

from stripesim.errors import InvalidParameters
from stripesim.journal import encode
from stripesim.world import World

IN_FLIGHT_MAX = 16
TIMEOUT_S = 10
# Stripe waits minutes and hours between attempts; on one machine a restarted shop should hear within seconds.
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.25, 30.0
REORDERED_BY_S = (0.05, 0.5)
DUPLICATE_AFTER_S = (0.0, 0.3)


def signature(payload: bytes, secret: str, at: int) -> str:
    """Stripe's scheme v1: HMAC-SHA256 over the time, a dot, and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@dataclass(kw_only=True)
class Manners:
    """How well-behaved delivery is; the probabilities are per event."""

    enabled: bool = True
    duplicate: float = 0.0
    reorder: float = 0.0
    lose: float = 0.0
    delay_ms: int = 0
    events: list[str] = field(default_factory=lambda: ["*"])


@dataclass(order=True)
class Delivery:
    """One event on its way."""

    due: float
    turn: int
    event: str = field(compare=False)
    attempts: int = field(compare=False, default=0)


class Courier:
    """Delivers in the background while it is open."""

    def __init__(self, world: World, *, url: str, secret: str, chance: random.Random) -> None:
        self.manners = Manners()
        self._world, self._url, self._secret, self._chance = world, url, secret, chance
        self._queue: list[Delivery] = []
        self._turns = count()
        self._changed = asyncio.Event()
        self._flights: set[asyncio.Task[None]] = set()
        self._settled: list[str] = []

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT_MAX)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        self._clock = asyncio.get_running_loop().time
        self._world.announce = self.dispatch
        for event in self._world.unsettled:
            self._enqueue(event)
        self._loop = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._world.announce = lambda _events: None
        running = [self._loop, *self._flights]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._settle()
        await self._session.close()

    def dispatch(self, events: list[str]) -> None:
        """Send these on their way, with whatever is going to happen to them."""
        for event in events:
            if self._chance.random() < self.manners.lose or not self._subscribed(event):
                self._settled.append(event)
                continue
            late = self._drawn(REORDERED_BY_S) if self._chance.random() < self.manners.reorder else 0.0
            self._enqueue(event, after_s=self.manners.delay_ms / 1000 + late)
            if self._chance.random() < self.manners.duplicate:
                self._enqueue(event, after_s=self.manners.delay_ms / 1000 + late + self._drawn(DUPLICATE_AFTER_S))

    async def flush(self, *, timeout_s: float) -> bool:
        """Hurry everything along; whether all of it was accepted in time."""
        for delivery in self._queue:
            delivery.due = 0.0
        heapq.heapify(self._queue)
        self._changed.set()
        wait_until = self._clock() + timeout_s
        while self._queue or self._flights:
            if self._clock() >= wait_until:
                return False
            await asyncio.sleep(0.01)
        self._settle()
        return True

    def waiting(self) -> int:
        return len(self._queue) + len(self._flights)

    def behave(self, manners: Manners) -> None:
        self.manners = manners
        self._changed.set()

    def _subscribed(self, event: str) -> bool:
        if self.manners.events == ["*"]:
            return True
        kind = (self._world.find("event", event) or {}).get("type", "")
        return any(fnmatchcase(kind, pattern) for pattern in self.manners.events)

    def _drawn(self, span: tuple[float, float]) -> float:
        return self._chance.uniform(*span)

    def _enqueue(self, event: str, *, after_s: float = 0.0, attempts: int = 0) -> None:
        heapq.heappush(self._queue, Delivery(self._clock() + after_s, next(self._turns), event, attempts))
        self._changed.set()

    async def _run(self) -> None:
        while True:
            self._settle()
            await self._pause()
            while self.manners.enabled and self._queue and len(self._flights) < IN_FLIGHT_MAX:
                if self._queue[0].due > self._clock():
                    break
                flight = asyncio.create_task(self._deliver(heapq.heappop(self._queue)))
                self._flights.add(flight)
                flight.add_done_callback(self._landed)

    async def _pause(self) -> None:
        """Until something is due, or something changes."""
        self._changed.clear()
        ready = self.manners.enabled and self._queue and len(self._flights) < IN_FLIGHT_MAX
        wait_s = max(0.0, self._queue[0].due - self._clock()) if ready else None
        if wait_s == 0:
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        self._changed.set()

    async def _deliver(self, delivery: Delivery) -> None:
        event = self._world.find("event", delivery.event)
        if event is None:
            return
        payload = encode(event)
        if await self._accepted(payload):
            self._settled.append(delivery.event)
            return
        wait_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(delivery.attempts, 16))
        self._enqueue(delivery.event, after_s=wait_s * self._chance.uniform(0.5, 1.0), attempts=delivery.attempts + 1)

    async def _accepted(self, payload: bytes) -> bool:
        at = int(self._world.now())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, self._secret, at),
            "User-Agent": "stripesim",
        }
        try:
            async with self._session.post(self._url, data=payload, headers=headers, allow_redirects=False) as response:
                await response.read()
                return response.ok
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _settle(self) -> None:
        """Note what needs no more delivering. A note lost with the process costs one more delivery, no more."""
        if self._settled:
            done, self._settled = self._settled, []
            self._world.settle(done)


def read_manners(given: dict[str, Any], before: Manners, number: Callable[..., float]) -> Manners:
    """The manners after a change."""
    after = Manners(**vars(before))
    after.enabled = bool(given.get("enabled", before.enabled))
    after.duplicate = number(given, "duplicate", before.duplicate, most=1)
    after.reorder = number(given, "reorder", before.reorder, most=1)
    after.lose = number(given, "lose", before.lose, most=1)
    after.delay_ms = int(number(given, "delay_ms", before.delay_ms, most=600_000))
    events = given.get("events", before.events)
    if not isinstance(events, list) or not all(isinstance(pattern, str) for pattern in events):
        raise InvalidParameters("'events' is a list of event types; '*' stands for any.", param="events")
    after.events = events
    return after
