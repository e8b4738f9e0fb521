from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.people import Door, a_door


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()
