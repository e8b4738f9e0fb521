from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.people import Door, a_door
from tests.server import Server
from tests.till import Till, open_till, standing_in


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()


@pytest_asyncio.fixture
async def till(db: Database, vault: Vault, clock: FakeClock, server: Server) -> AsyncIterator[Till]:
    async with (
        standing_in() as stand_in,
        open_till(db, vault, clock, server.master_key_file, stand_in) as till,
    ):
        yield till
