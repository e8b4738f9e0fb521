"""The worker on people's data is killed while it packs and erases: every package and erasure is made once (C10)."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.grants import PRIVACY
from kalecart.privacy.request import Kind
from kalecart.steps import Step
from kalecart.vault import Vault
from local.valkey import running_valkey
from tests.askers import BEA, Asker
from tests.people import a_door
from tests.server import Clone, Server

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]
# With the package made and not kept, when it has just been kept, and with a person emptied and nothing committed.
DEATHS: tuple[Step, ...] = ("fulfil.packed", "fulfil.kept", "erase.emptied")
WITHIN_S = 240.0
OPEN = "SELECT count(*) FROM task WHERE topic IN ('fulfil_request', 'erase_person') AND state <> 'done'"
# What time does, without waiting for it: leases of the dead lapse, and the last letter is waited for no longer.
TIME_PASSES = (
    "UPDATE erasure SET begun_at = begun_at - interval '2 hours' WHERE ended_at IS NULL",
    "UPDATE task SET due_at = now(), pushed_at = NULL WHERE state = 'pending' AND topic = 'erase_person'",
)
LEASES_LAPSE = "UPDATE task SET lease_until = now() - interval '1 second' WHERE state = 'running'"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the worker works: its environment, and the folder of orders to die."""

    environment: dict[str, str]
    orders: Path


@pytest_asyncio.fixture
async def place(clone: Clone, server: Server, tmp_path: Path) -> AsyncIterator[Place]:
    orders = tmp_path / "orders"
    orders.mkdir()
    async with running_valkey(tmp_path / "valkey") as valkey:
        environment = {
            "PATH": os.defpath,
            "KALE_DATABASE_URL": clone.url(PRIVACY),
            "KALE_VALKEY_URL": valkey.url(),
            "KALE_MASTER_KEY_FILE": str(server.master_key_file),
            "KALE_DEMO": "true",
            "KALE_KILL_ORDERS": str(orders),
            "KALE_POOL_SIZE_MAX": "4",
        }
        yield Place(environment=environment, orders=orders)


async def worked_off(place: Place, db: Database) -> int:
    """One worker after the other until nothing is left; how many were killed."""
    killed = 0
    async with asyncio.timeout(WITHIN_S):
        while True:
            worker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "workers", "privacy"),
                cwd=ROOT,
                env=place.environment,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                if await done_before_its_death(worker, db):
                    return killed
            finally:
                if worker.returncode is None:
                    worker.kill()
                await worker.wait()
            killed += 1
            async with db.direct() as pg:
                await pg.execute(LEASES_LAPSE)


async def done_before_its_death(worker: asyncio.subprocess.Process, db: Database) -> bool:
    while worker.returncode is None:
        async with db.direct() as pg:
            if not await pg.fetchval(OPEN):
                return True
            for statement in TIME_PASSES:
                await pg.execute(statement)
        await asyncio.sleep(0.1)  # a bounded poll of another process
    return False


async def test_a_killed_worker_leaves_every_package_and_erasure_to_be_made_exactly_once(
    place: Place, clone: Clone, db: Database, vault: Vault
) -> None:
    door = await a_door(db, vault, SystemClock())  # ty: ignore[invalid-argument-type]  # the worker's clock is no fake
    told, gone = Asker(door, (await door.signs_up()).customer_id), Asker(door, (await door.signs_up(**BEA)).customer_id)
    request = await told.asks()
    await gone.asks(Kind.ERASURE)
    for step in DEATHS:
        (place.orders / step).touch()

    killed = await worked_off(place, db)

    assert (killed, list(place.orders.iterdir())) == (len(DEATHS), [])
    async with db.direct() as pg:
        acts = dict(await pg.fetch("SELECT act, count(*) FROM audit_entry GROUP BY 1"))
        letters = dict(await pg.fetch("SELECT topic || (arguments ->> 'kind'), count(*) FROM task GROUP BY 1"))
        assert await pg.fetchval("SELECT count(*) FROM privacy_package") == 1
        assert await pg.fetchval("SELECT count(*) FROM vault.data_key WHERE customer_id = $1", gone.id) == 0
        assert await pg.fetchval("SELECT count(*) FROM erasure WHERE ended_at IS NOT NULL") == 1
    assert (acts["package_made"], acts["erasure_begun"], acts["erased"]) == (1, 1, 1)
    assert (letters["send_mailrequest_answered"], letters["send_mailerasure"]) == (1, 1)
    assert "package.json" in await told.gets(request.id)
    await door.allowances.close()
