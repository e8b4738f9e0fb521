from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp.test_utils import TestServer

from kalecart.database import Database
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.server import Server
from tests.till import Till, open_till, standing_in


@pytest_asyncio.fixture
async def stand_in() -> AsyncIterator[TestServer]:
    async with standing_in() as server:
        yield server


@pytest_asyncio.fixture
async def till(
    db: Database, vault: Vault, clock: FakeClock, server: Server, stand_in: TestServer
) -> AsyncIterator[Till]:
    async with open_till(db, vault, clock, server.master_key_file, stand_in) as till:
        yield till
