"""Whether Valkey answers, and how many hints wait in it: asked once a second, for everybody in the process.

Between `AWAY_AFTER_S` without an answer and `BACK_AFTER_S` of answers, Valkey counts as away: workers then claim
straight from PostgreSQL, and nobody pushes hints that nobody could take.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Final

import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from kalecart.jobs import QUEUES

LOOK_EVERY_S: Final = 1.0
ANSWER_WITHIN_S: Final = 1.0
KNOWN_FOR_S: Final = 3.0
AWAY_AFTER_S: Final = 5.0
# Consumers find their way back one by one: until all have, the direct way stays open beside them.
BACK_AFTER_S: Final = 3.0

log = structlog.get_logger()


class Pulse:
    """`away` is what to act on."""

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=ANSWER_WITHIN_S,
            socket_connect_timeout=ANSWER_WITHIN_S,
            max_connections=1,
            retry=Retry(NoBackoff(), 0),
        )
        self._monotonic = monotonic
        self._answered_at = monotonic()
        self._missed_at: float | None = None
        self.away = False
        self._waiting: Mapping[str, int] = {}

    @property
    def waiting(self) -> Mapping[str, int]:
        """The hints not taken yet, by queue; nothing where nobody has known for a while."""
        return self._waiting if self._monotonic() - self._answered_at < KNOWN_FOR_S else {}

    async def watch_forever(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Ask once, and say it where Valkey is gone or back."""
        try:
            async with asyncio.timeout(2 * ANSWER_WITHIN_S):
                self._waiting = await self._lengths()
        except (redis.RedisError, OSError, TimeoutError):
            self._missed()
        else:
            self._answered()

    async def close(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await self._client.aclose()

    async def _lengths(self) -> Mapping[str, int]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for queue in QUEUES:
                pipeline.llen(f"dramatiq:{queue}")
            return dict(zip(QUEUES, await pipeline.execute(), strict=True))

    def _missed(self) -> None:
        self._missed_at = self._monotonic()
        if not self.away and self._missed_at - self._answered_at > AWAY_AFTER_S:
            self.away = True
            log.warning("valkey_away", after=AWAY_AFTER_S)

    def _answered(self) -> None:
        self._answered_at = self._monotonic()
        if self.away and self._answered_at - (self._missed_at or 0.0) > BACK_AFTER_S:
            self.away = False
            log.warning("valkey_back", after=BACK_AFTER_S)
