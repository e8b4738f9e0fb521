from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.grants import PRIVACY, WEB
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.complaining import a_member
from tests.filing import Office
from tests.people import Door, a_door
from tests.server import Clone


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()


@pytest_asyncio.fixture
async def as_privacy(clone: Clone) -> AsyncIterator[Database]:
    """The shop as the worker on people's data sees it: with its own log-in and no more rights."""
    database = Database(clone.url(PRIVACY), pool_size_max=2, application="test")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def as_web(clone: Clone) -> AsyncIterator[Database]:
    """The same for what answers requests on pages."""
    database = Database(clone.url(WEB), pool_size_max=2, application="test")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def office(door: Door, as_web: Database, as_privacy: Database) -> Office:
    office = Office(door, as_web, as_privacy, await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY))
    office.cabinet = await office.furnish()
    return office
