"""Hints: task ids pushed through Valkey so that a worker picks a committed task up at once.

One connection and one pipelining loop for a process. A hint that cannot be sent is dropped: the task row is the
promise, and the sweeper finds it. Nothing on a shopper's path ever waits here.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Final

import dramatiq
import redis
import redis.asyncio
import structlog
from dramatiq.brokers.redis import RedisBroker
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from kalecart.ids import TaskId
from kalecart.jobs import JOBS
from kalecart.pulse import Pulse
from kalecart.steps import step

BATCH_MAX: Final = 200
WAITING_MAX: Final = 20_000
SOCKET_TIMEOUT_S: Final = 2.0
PAUSE_AFTER_TROUBLE_S: Final = 0.5
CLOSE_AGAIN_S: Final = 1.0
# Once, at once: a restarted Valkey leaves dead connections behind. The library's own way sleeps for seconds.
TRIES_AGAIN: Final = 1
HEARTBEAT_TIMEOUT_MS: Final = 30_000
# Dramatiq returns a dead worker's unacknowledged messages only by chance, on one command in so many of a million.
# They are hints, but a prompt return saves the sweeper's wait.
MAINTENANCE_CHANCE: Final = 100_000

log = structlog.get_logger()


def redis_broker(url: str, kind: type[RedisBroker] = RedisBroker) -> RedisBroker:
    """The one configuration of dramatiq's broker, for those who send and those who consume.

    Without middleware: what dramatiq would do about retries and time limits may be lost, so the task table does it.
    """
    return kind(
        client=redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), TRIES_AGAIN),
        ),
        middleware=[],
        heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=MAINTENANCE_CHANCE,
    )


class Dispatcher:
    """Sends hints in the background. `hint` never blocks and never raises."""

    def __init__(self, url: str) -> None:
        # Only for its script and its id: the messages must be the ones dramatiq's consumers expect.
        self._broker = redis_broker(url)
        self._client = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            max_connections=4,
            retry=AsyncRetry(NoBackoff(), TRIES_AGAIN),
        )
        self._script = self._client.register_script(self._broker.scripts["dispatch"].script)
        self._waiting: asyncio.Queue[tuple[TaskId, str]] = asyncio.Queue(WAITING_MAX)
        self.pulse = Pulse(url)
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [
            asyncio.create_task(self._send_forever(), name="dispatcher"),
            asyncio.create_task(self.pulse.watch_forever(), name="pulse"),
        ]

    async def close(self) -> None:
        for loop in self._loops:
            while not loop.done():  # the library can lose a cancellation in the middle of its own clean-up: ask again
                loop.cancel()
                await asyncio.wait({loop}, timeout=CLOSE_AGAIN_S)
        await self.pulse.close()
        await self._client.aclose()
        self._broker.close()

    def hint(self, task_id: TaskId, topic: str) -> None:
        """Say that a committed task is due."""
        with contextlib.suppress(asyncio.QueueFull):  # a full queue means Valkey is away: the sweeper takes over
            self._waiting.put_nowait((task_id, topic))

    async def _send_forever(self) -> None:
        troubled = False
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH_MAX and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            step("hints.taken")
            try:
                await self._send(batch)
                step("hints.pushed")
                troubled = False
            except (redis.RedisError, OSError) as error:
                if not troubled:  # once, and not for every batch of an hour without Valkey
                    log.warning("hints_dropped", count=len(batch), error=type(error).__name__)
                troubled = True
                await asyncio.sleep(PAUSE_AFTER_TROUBLE_S)

    async def _send(self, batch: Iterable[tuple[TaskId, str]]) -> None:
        async with self._client.pipeline(transaction=False) as pipeline:
            for task_id, topic in batch:
                message = _message(task_id, topic)
                await self._script(
                    keys=[self._broker.namespace],
                    args=[
                        "enqueue",
                        message.message_timestamp,
                        message.queue_name,
                        self._broker.broker_id,
                        HEARTBEAT_TIMEOUT_MS,
                        self._broker.dead_message_ttl,
                        0,  # no maintenance on a shopper's path
                        0,
                        message.options["redis_message_id"],
                        message.encode(),
                    ],
                    client=pipeline,
                )
            await pipeline.execute()


def _message(task_id: TaskId, topic: str) -> dramatiq.Message:
    message = dramatiq.Message(
        queue_name=JOBS[topic].queue, actor_name=topic, args=(str(task_id),), kwargs={}, options={}
    )
    return message.copy(options={"redis_message_id": message.message_id})
