"""Hints through a real Valkey, to a real dramatiq worker; and everything that goes on when there is none."""

import asyncio
import queue
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import dramatiq
import pytest
import pytest_asyncio
import redis.asyncio
import sqlalchemy as sa
from dramatiq.worker import Worker
from pydantic import SecretStr

from kalecart import tasks
from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.dispatch import SOCKET_TIMEOUT_S, WAITING_MAX, Dispatcher
from kalecart.ids import TaskId, new_id
from kalecart.jobs import JOBS, OpenWindows, Prune
from kalecart.settings import Settings
from kalecart.sweep import PUSH_AGAIN, sweep
from kalecart.tasks import task
from kalecart.windows.tables import delivery_window
from local.valkey import RunningValkey
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.server import Clone, Server
from workers.__main__ import run
from workers.broker import make_broker

NOWHERE = "redis://127.0.0.1:1/0"
PATIENCE_S = 120.0


async def until(look: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Look until there is something to see."""
    deadline = time.monotonic() + patience_s
    while not (seen := await look()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)
    return seen


@pytest_asyncio.fixture
async def dispatcher(valkey: RunningValkey) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(valkey.url())
    dispatcher.start()
    yield dispatcher
    await dispatcher.close()


@pytest.fixture
def consumed(valkey: RunningValkey) -> Iterator["queue.Queue[str]"]:
    """What arrives at a worker of dramatiq's own making, on every queue there is."""
    arrived: queue.Queue[str] = queue.Queue()
    broker = make_broker(valkey.url())
    for kind in JOBS.values():
        dramatiq.actor(actor_name=kind.topic, queue_name=kind.queue, broker=broker)(arrived.put)
    worker = Worker(broker, worker_threads=2, worker_timeout=20)
    worker.start()
    yield arrived
    worker.stop()
    broker.close()


async def waiting(valkey: RunningValkey, name: str) -> int:
    async with redis.asyncio.Redis.from_url(valkey.url()) as client:
        try:
            return await client.llen(f"dramatiq:{name}")
        except redis.RedisError:
            return 0


@pytest.mark.parametrize("topic", sorted(JOBS))
async def test_a_hint_arrives_at_the_actor_of_its_topic(
    dispatcher: Dispatcher, consumed: "queue.Queue[str]", topic: str
) -> None:
    task_id = TaskId(new_id())

    dispatcher.hint(task_id, topic)

    assert await asyncio.to_thread(consumed.get, timeout=PATIENCE_S) == str(task_id)


async def test_a_thousand_hints_arrive_each_once(dispatcher: Dispatcher, consumed: "queue.Queue[str]") -> None:
    sent = [TaskId(new_id()) for _ in range(1_000)]

    for task_id in sent:
        dispatcher.hint(task_id, "prune")

    arrived = [await asyncio.to_thread(consumed.get, timeout=PATIENCE_S) for _ in sent]
    assert sorted(arrived) == sorted(map(str, sent))
    assert consumed.empty()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes a connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("valkey_is", ["away", "silent"])
async def test_without_valkey_a_hint_neither_raises_nor_waits(valkey_is: str, silent: str) -> None:
    dispatcher = Dispatcher(silent if valkey_is == "silent" else NOWHERE)
    dispatcher.start()
    begun = time.monotonic()
    for _ in range(WAITING_MAX + 100):
        dispatcher.hint(TaskId(new_id()), "prune")
    took_s = time.monotonic() - begun
    await asyncio.sleep(0)  # let it try
    await dispatcher.close()

    assert took_s < SOCKET_TIMEOUT_S * WAITING_MAX / 100  # whoever waits for each takes a hundred times as long


async def test_a_dispatcher_that_was_never_started_can_be_closed() -> None:
    dispatcher = Dispatcher(NOWHERE)
    dispatcher.hint(TaskId(new_id()), "prune")

    await dispatcher.close()


async def test_when_valkey_comes_back_hints_go_on(dispatcher: Dispatcher, valkey: RunningValkey) -> None:
    dispatcher.hint(TaskId(new_id()), "prune")
    await until(lambda: waiting(valkey, "upkeep"))
    await valkey.kill()
    for _ in range(50):
        dispatcher.hint(TaskId(new_id()), "charge_order")
    await valkey.start()
    assert await valkey.until_ready()

    async def arrives() -> int:
        dispatcher.hint(TaskId(new_id()), "settle_event")
        return await waiting(valkey, "payments")

    assert await until(arrives)


async def test_a_message_carries_a_task_id_and_nothing_else(dispatcher: Dispatcher, valkey: RunningValkey) -> None:
    task_id = TaskId(new_id())
    dispatcher.hint(task_id, "charge_order")
    await until(lambda: waiting(valkey, "payments"))

    async with redis.asyncio.Redis.from_url(valkey.url()) as client:
        (encoded,) = await client.hvals("dramatiq:payments.msgs")  # ty: ignore[invalid-await]
    message = dramatiq.Message.decode(encoded)

    assert (message.actor_name, message.args, message.kwargs) == ("charge_order", (str(task_id),), {})


# The sweeper


async def promised(db: Database, clock: Any, slot: str = "1") -> TaskId:
    async with db.transaction() as tx:
        written = await tasks.promise(tx, Prune(slot=slot), now=clock.now())
    assert written is not None
    return written.id


async def test_a_lost_hint_is_sent_again_by_the_sweeper(db: Database, clock: FakeClock) -> None:
    task_id = await promised(db, clock)
    hints = RecordedHints()
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)

    pushed = await sweep(db=db, clock=clock, dispatcher=hints)  # ty: ignore[invalid-argument-type]

    assert pushed == 1
    assert hints.sent == [(task_id, "prune")]


async def test_when_valkey_is_flushed_with_hints_in_it_everything_is_driven_again_from_postgresql(
    db: Database, clock: FakeClock, dispatcher: Dispatcher, valkey: RunningValkey
) -> None:
    """E41."""
    for task_id in [await promised(db, clock, str(slot)) for slot in range(5)]:
        dispatcher.hint(task_id, "prune")

    async def all_there() -> bool:
        return await waiting(valkey, "upkeep") == 5

    await until(all_there)
    async with redis.asyncio.Redis.from_url(valkey.url()) as client:
        await client.flushall()
    await dispatcher.pulse.look()
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)

    assert await sweep(db=db, clock=clock, dispatcher=dispatcher) == 5
    await until(all_there)


async def test_many_sweepers_at_once_send_each_hint_once(db: Database, clock: FakeClock) -> None:
    made = [await promised(db, clock, str(slot)) for slot in range(30)]
    hints = RecordedHints()
    clock.advance(seconds=PUSH_AGAIN.total_seconds() + 1)

    await asyncio.gather(*(sweep(db=db, clock=clock, dispatcher=hints) for _ in range(4)))  # ty: ignore[invalid-argument-type]

    assert sorted(task_id for task_id, _ in hints.sent) == sorted(made)


# The whole worker, as the role it has


@pytest.fixture
def worker(clone: Clone, server: Server, valkey: RunningValkey) -> Iterator[None]:
    settings = Settings(
        database_url=SecretStr(clone.url("kale_worker")),
        valkey_url=SecretStr(valkey.url()),
        stripe_api_base=NOWHERE.replace("redis", "http"),
        master_key_file=server.master_key_file,
        worker_threads=2,
        pool_size_max=4,
    )
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(settings, stop.wait), name="worker")
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


async def done(db: Database, task_id: TaskId) -> bool:
    async with db.snapshot() as tx:
        return await tx.scalar(sa.select(task.c.state).where(task.c.id == task_id)) == "done"


async def test_a_promise_with_a_hint_is_performed_by_a_worker(
    worker: None, db: Database, dispatcher: Dispatcher
) -> None:
    async with db.transaction() as tx:
        written = await tasks.promise(tx, OpenWindows(slot="now"), now=SystemClock().now())
    assert written is not None

    dispatcher.hint(written.id, written.job.topic)

    await until(lambda: done(db, written.id))
    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(delivery_window))


async def test_a_promise_nobody_hinted_is_performed_all_the_same(worker: None, db: Database) -> None:
    task_id = await promised(db, SystemClock())

    await until(lambda: done(db, task_id))
