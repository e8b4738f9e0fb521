from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.grants import ANALYTICS, WORKER
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.habits import Habits, as_role
from tests.people import a_door
from tests.server import Clone


@pytest_asyncio.fixture
async def habits(clone: Clone, db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Habits]:
    """A shop whose policy is published, and the log-ins that count."""
    door = await a_door(db, vault, clock)
    as_worker, as_analytics = as_role(clone, WORKER), as_role(clone, ANALYTICS)
    yield Habits(door=door, as_worker=as_worker, as_analytics=as_analytics)
    await as_worker.close()
    await as_analytics.close()
    await door.allowances.close()
