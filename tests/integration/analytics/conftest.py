from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.habits import Habits
from tests.people import a_door


@pytest_asyncio.fixture
async def habits(
    db: Database, as_worker: Database, as_analytics: Database, vault: Vault, clock: FakeClock
) -> AsyncIterator[Habits]:
    """A shop whose policy is published, and the log-ins that count."""
    door = await a_door(db, vault, clock)
    yield Habits(door=door, as_worker=as_worker, as_analytics=as_analytics)
    await door.allowances.close()
