"""How often somebody may try: counted in Valkey for all processes together, in this process while Valkey is away.

Keys are blind indexes. An e-mail address or an IP address never gets into Valkey.
"""

import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import redis.asyncio
import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.util import WindowStats

from kalecart.errors import Exhausted

ANSWER_TIMEOUT_S: Final = 0.5
# After a failure Valkey is not asked for this long, so that each log-in does not wait for the time-out again.
AWAY_S: Final = 5.0
CONNECTIONS_MAX: Final = 4
# Keys of a process of its own before it looks which are over.
KEYS_LEAST: Final = 1_024

Answer = TypeVar("Answer")
log = structlog.get_logger()


class TooManyTries(Exhausted):
    """Too many tries."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many tries in so many seconds, for each key of a kind."""

    kind: str
    tries: int
    seconds: int

    def item(self) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(self.tries, self.seconds, namespace=f"kalecart:{self.kind}")


class OwnWindow:
    """The moving window of one process. Nothing waits in it, so nobody comes between a look and its count.

    The library's storage in memory tidies up in a task beside each try, which breaks where one is given back meanwhile.
    """

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._until: dict[str, deque[float]] = {}
        self._keys_max = KEYS_LEAST

    def __len__(self) -> int:
        return len(self._until)

    async def hit(self, item: RateLimitItemPerSecond, key: str) -> bool:
        """Use one try, where there is one."""
        if not await self.test(item, key):
            return False
        self._make_room()
        self._until.setdefault(item.key_for(key), deque()).append(self._now() + item.get_expiry())
        return True

    async def test(self, item: RateLimitItemPerSecond, key: str) -> bool:
        return len(self._open(item.key_for(key))) < item.amount

    async def clear(self, item: RateLimitItemPerSecond, key: str) -> None:
        self._until.pop(item.key_for(key), None)

    async def get_window_stats(self, item: RateLimitItemPerSecond, key: str) -> WindowStats:
        until = self._open(item.key_for(key))
        return WindowStats(until[0] if until else self._now() + item.get_expiry(), item.amount - len(until))

    def _open(self, key: str) -> deque[float]:
        """Until when each try of a key counts, the oldest first."""
        until, now = self._until.get(key, deque()), self._now()
        while until and until[0] <= now:
            until.popleft()
        return until

    def _make_room(self) -> None:
        if len(self._until) < self._keys_max:
            return
        self._until = {key: until for key, until in self._until.items() if self._open(key)}
        self._keys_max = max(2 * len(self._until), KEYS_LEAST)


class Allowances:
    """Counts tries in a moving window."""

    def __init__(self, url: str, *, answer_within_s: float = ANSWER_TIMEOUT_S) -> None:
        # One that waits its turn: who tries from many places at once must not be counted elsewhere for finding it full.
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            socket_timeout=answer_within_s,
            socket_connect_timeout=answer_within_s,
            max_connections=CONNECTIONS_MAX,
            timeout=answer_within_s,
            retry=None,
        )
        self._pool = pool
        shared = RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=pool,  # ty: ignore[invalid-argument-type]  # documented, and left out of its annotation
        )
        self._shared = MovingWindowRateLimiter(shared)
        self._own = OwnWindow()
        self._away_until = 0.0

    async def close(self) -> None:
        await self._pool.disconnect()

    async def spend(self, allowances: tuple[Allowance, ...], key: bytes) -> None:
        """Use one try of each. Raises TooManyTries, with when to come back, where one is used up."""
        for allowance in allowances:
            if not await self._ask(lambda limiter, a=allowance: limiter.hit(a.item(), key.hex())):
                raise await self._too_many(allowance, key)

    async def require(self, allowances: tuple[Allowance, ...], key: bytes) -> None:
        """Raise TooManyTries where one is used up, and use nothing."""
        for allowance in allowances:
            if not await self._ask(lambda limiter, a=allowance: limiter.test(a.item(), key.hex())):
                raise await self._too_many(allowance, key)

    async def restore(self, allowances: tuple[Allowance, ...], key: bytes) -> None:
        """Give all tries back: whoever knew the password was not guessing."""
        for allowance in allowances:
            await self._ask(lambda limiter, a=allowance: limiter.clear(a.item(), key.hex()))

    async def _too_many(self, allowance: Allowance, key: bytes) -> TooManyTries:
        window = await self._ask(lambda limiter: limiter.get_window_stats(allowance.item(), key.hex()))
        wait_s = max(math.ceil(window.reset_time - time.time()), 1)  # the clock the library counts on
        return TooManyTries(f"Try again in {_in_words(wait_s)}.", retry_after_s=wait_s)

    async def _ask(self, question: Callable[[MovingWindowRateLimiter | OwnWindow], Awaitable[Answer]]) -> Answer:
        if time.monotonic() >= self._away_until:
            try:
                return await question(self._shared)
            except StorageError:
                self._away_until = time.monotonic() + AWAY_S
                log.warning("allowances_counted_alone", after=AWAY_S)
        return await question(self._own)


def _in_words(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds} second{'s' * (seconds != 1)}"
    return f"{minutes} minute{'s' * (minutes != 1)}"
