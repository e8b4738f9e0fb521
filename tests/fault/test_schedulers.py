"""Two schedulers as processes: one freezes with a slot in its hands, one is killed, and every slot is taken once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from kalecart.clock import SystemClock
from kalecart.clockwork import beats
from kalecart.database import Database
from kalecart.grants import SCHEDULER
from kalecart.scheduling import promise_slots
from local.ports import free_port
from tests.server import Clone, Server

pytestmark = [pytest.mark.fault]

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 120.0

_TICKS_AND_WAITS = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%INSERT INTO task %'
                      AND application_name = 'kalecart scheduler' AND wait_event_type = 'Lock')
"""


@dataclass
class Schedulers:
    """Processes on one database; what they say goes to a file. Valkey is away: hints are none of a tick's business."""

    clone: Clone
    master_key_file: Path
    said: Path
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self) -> asyncio.subprocess.Process:
        environment = {
            "PATH": os.defpath,
            "KALE_DATABASE_URL": self.clone.url(SCHEDULER),
            "KALE_VALKEY_URL": f"redis://127.0.0.1:{free_port()}/0",
            "KALE_MASTER_KEY_FILE": str(self.master_key_file),
        }
        with self.said.open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "scheduler"), cwd=ROOT, env=environment, stdout=said, stderr=said
            )
        self.running.append(process)
        return process

    async def end(self) -> None:
        for process in self.running:
            if process.returncode is None:
                process.kill()  # also one that is frozen
            await process.wait()


@pytest_asyncio.fixture
async def schedulers(clone: Clone, server: Server, tmp_path: Path) -> AsyncIterator[Schedulers]:
    schedulers = Schedulers(clone, server.master_key_file, tmp_path / "said")
    yield schedulers
    await schedulers.end()


@pytest_asyncio.fixture
async def pg(clone: Clone) -> AsyncIterator[asyncpg.Connection]:
    """As the owner."""
    connection = await asyncpg.connect(make_url(clone.url()).set(drivername="postgresql").render_as_string(False))
    yield connection
    await connection.close()


async def until(true: Callable[[], Awaitable[object]], schedulers: Schedulers) -> None:
    """A bounded poll of other processes."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + WITHIN_S
    while not await true():
        assert loop.time() < give_up_at, schedulers.said.read_text()
        await asyncio.sleep(0.05)


async def free(pg: asyncpg.Connection, job: str) -> None:
    """The present slot of a daily job, as if it had just begun."""
    await pg.execute("DELETE FROM task WHERE topic = $1", job)
    await pg.execute("DELETE FROM timed_run WHERE job = $1", job)


async def taken(pg: asyncpg.Connection, job: str) -> list[str]:
    """The pids of those who took its slots."""
    rows = await pg.fetch("SELECT taken_by FROM timed_run WHERE job = $1", job)
    return [row["taken_by"].rpartition(":")[2] for row in rows]


async def test_a_scheduler_that_freezes_holds_up_the_slot_in_its_hands_and_one_that_is_killed_holds_up_nothing(
    db: Database, pg: asyncpg.Connection, clone: Clone, schedulers: Schedulers
) -> None:
    """E44."""
    await promise_slots(db=db, now=SystemClock().now(), by="test:0:0")
    await free(pg, "prove_trail")
    doors = await asyncpg.connect(make_url(clone.url()).set(drivername="postgresql").render_as_string(False))

    async with doors.transaction():
        await doors.execute("LOCK TABLE task IN SHARE ROW EXCLUSIVE MODE")
        frozen = await schedulers.start()
        await until(lambda: pg.fetchval(_TICKS_AND_WAITS), schedulers)
        frozen.send_signal(signal.SIGSTOP)
    await doors.close()
    await free(pg, "prune")
    other = await schedulers.start()
    await until(lambda: taken(pg, "prune"), schedulers)
    frozen.send_signal(signal.SIGCONT)
    await until(lambda: taken(pg, "prove_trail"), schedulers)

    assert await taken(pg, "prune") == [str(other.pid)]
    assert await taken(pg, "prove_trail") in ([str(frozen.pid)], [str(other.pid)])  # the second if it froze for long

    frozen.kill()
    await frozen.wait()
    await free(pg, "ask_yearly")
    await until(lambda: taken(pg, "ask_yearly"), schedulers)
    assert await taken(pg, "ask_yearly") == [str(other.pid)]
    alive = [beat.name for beat in await beats(pg, SystemClock().now()) if beat.alive]
    assert any(name.endswith(f":{other.pid}") for name in alive)
    twice = (
        "SELECT topic FROM task WHERE topic IN ('prune', 'prove_trail', 'ask_yearly') GROUP BY 1 HAVING count(*) <> 1"
    )
    assert await pg.fetch(twice) == []
    assert other.returncode is None
