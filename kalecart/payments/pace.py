"""How fast Stripe may be asked, for all processes together: so many requests a second, or it answers 429.

Every request takes a turn, which is an instant, not a seat: nobody holds anything, so a process that is killed with its
turn leaves no debt. Turns are kept in Valkey as the instant at which the next is due (the generic cell rate algorithm),
taken by one script. While Valkey is away each process goes by its share of the whole.

There are three lanes. `front` is where people wait for the answer: turns in the order of asking. `back` is the
reconciler's: at most a share of the whole, and only when nobody in front waits. `again` is for whoever got a 429 all
the same: it stands before everybody who has not asked yet, and they wait until it is through.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from kalecart.errors import Unavailable

# What Stripe lets through in test mode: those who repeat come no faster where no other limit is known.
REPEATS_PER_S: Final = 20.0
BURST_S: Final = 0.25
BACK_SHARE: Final = 0.25
# Without Valkey: as many processes as a shop usually has.
PROCESSES: Final = 4
WAIT_MAX_S: Final = 10.0
LOOK_AGAIN_S: Final = 0.05
PENALTY_S: Final = 0.25
PENALTY_MAX_S: Final = 2.0
ANSWER_WITHIN_S: Final = 0.5
AWAY_S: Final = 5.0
CONNECTIONS_MAX: Final = 4

log = structlog.get_logger()


class Lane(StrEnum):
    FRONT = "front"
    BACK = "back"
    AGAIN = "again"


class NoTurn(Unavailable):
    """Too many others are asking the payment provider."""


@dataclass
class Lanes:
    """The arithmetic, for one process. Seconds; `_at` is when the next turn of a lane is due."""

    interval_s: float
    burst_s: float = 0.0
    front_at: float = 0.0
    back_at: float = 0.0
    again_at: float = 0.0

    @classmethod
    def of(cls, per_s: float) -> "Lanes":
        """`per_s` 0 is as fast as one likes, until a 429 says otherwise."""
        return cls(interval_s=1 / per_s, burst_s=BURST_S) if per_s else cls(interval_s=0.0)

    def take(self, lane: Lane, now: float, *, penalty_s: float = 0.0) -> float:
        """After how many seconds it is this one's turn. Negative: none was taken, ask again after so many."""
        front = max(self.front_at, now)
        if lane is Lane.AGAIN:
            due = max(self.again_at, now + penalty_s)
            self.again_at = due + (self.interval_s or 1 / REPEATS_PER_S)
            self.front_at = max(front, self.again_at + self.burst_s)
            return due - now
        wait = max(front - self.burst_s - now, 0.0)
        if lane is Lane.BACK:
            back = max(self.back_at, now)
            if (wait := max(wait, back - self.burst_s - now)) > 0:
                return -wait
            self.back_at = back + self.interval_s / BACK_SHARE
        elif wait > WAIT_MAX_S:
            return -wait
        self.front_at = front + self.interval_s
        return wait


# The same in one script, in microseconds of Valkey's own clock.
_TAKE: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local lane, interval, burst = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function due(key) return math.max(tonumber(redis.call('GET', key) or '0'), now) end
local function set(key, at)
    redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000) + 1000)
end
local front = due(KEYS[1])
if lane == 'again' then
    local at = math.max(due(KEYS[3]), now + tonumber(ARGV[4]))
    set(KEYS[3], at + interval)
    set(KEYS[1], math.max(front, at + interval + burst))
    return at - now
end
local wait = math.max(front - burst - now, 0)
if lane == 'back' then
    local back = due(KEYS[2])
    wait = math.max(wait, back - burst - now)
    if wait > 0 then return -wait end
    set(KEYS[2], back + interval / tonumber(ARGV[6]))
elseif wait > tonumber(ARGV[5]) then
    return -wait
end
set(KEYS[1], front + interval)
return wait
"""
KEYS: Final = [f"kalecart:{{stripe}}:{lane}" for lane in Lane]


class Pace:
    """Whoever asks Stripe waits here first."""

    def __init__(self, per_s: float, *, valkey_url: str = "", answer_within_s: float = ANSWER_WITHIN_S) -> None:
        """`per_s` 0 is no limit of ours; then, and without a URL, nothing is shared between processes. A Valkey that
        takes longer to answer than `answer_within_s` counts as away."""
        self._per_s = per_s
        self._own = Lanes.of(per_s / PROCESSES if valkey_url else per_s)
        self._away_until = 0.0
        self._client = _client(valkey_url, answer_within_s) if valkey_url and per_s else None
        self._script = self._client.register_script(_TAKE) if self._client else None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, per_s: float, *, valkey_url: str, answer_within_s: float = ANSWER_WITHIN_S
    ) -> AsyncGenerator["Pace"]:
        pace = cls(per_s, valkey_url=valkey_url, answer_within_s=answer_within_s)
        try:
            yield pace
        finally:
            if pace._client is not None:
                await pace._client.aclose()

    async def turn(self, lane: Lane) -> None:
        """Wait for one's turn. Raises NoTurn where that would be too long."""
        give_up_at = time.monotonic() + WAIT_MAX_S
        while (wait := await self._take(lane)) < 0:
            if lane is not Lane.BACK or time.monotonic() - wait > give_up_at:
                raise NoTurn("It is asked again in a moment. Nothing is lost.")
            await asyncio.sleep(max(-wait, LOOK_AGAIN_S))
        if wait:
            await asyncio.sleep(wait)

    async def turn_again(self, refusals: int) -> None:
        """Stripe said 429, for the so-manieth time: hold everybody back, and go before them."""
        penalty_s = min(PENALTY_S * 2 ** (refusals - 1), PENALTY_MAX_S)
        wait = await self._take(Lane.AGAIN, penalty_s)
        if wait > WAIT_MAX_S:
            raise NoTurn("It is asked again in a moment. Nothing is lost.")
        await asyncio.sleep(wait)

    async def _take(self, lane: Lane, penalty_s: float = 0.0) -> float:
        if self._script is not None and time.monotonic() >= self._away_until:
            try:
                return await self._script(KEYS, self._arguments(lane, penalty_s)) / 1e6
            except (redis.RedisError, OSError, TimeoutError):
                self._away_until = time.monotonic() + AWAY_S
                log.warning("stripe_paced_alone", after=AWAY_S)
        return self._own.take(lane, time.monotonic(), penalty_s=penalty_s)

    def _arguments(self, lane: Lane, penalty_s: float) -> list[str | float]:
        microseconds = (round(each * 1e6) for each in (1 / self._per_s, BURST_S, penalty_s, WAIT_MAX_S))
        return [lane.value, *microseconds, BACK_SHARE]


def _client(url: str, answer_within_s: float) -> redis.asyncio.Redis:
    # One that waits its turn for a connection: a full pool is no absent Valkey.
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        socket_timeout=answer_within_s,
        socket_connect_timeout=answer_within_s,
        max_connections=CONNECTIONS_MAX,
        timeout=answer_within_s,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.asyncio.Redis.from_pool(pool)
