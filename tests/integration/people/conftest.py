from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from kalecart.database import Database
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.desk import Office, hired
from tests.people import Door, a_door


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()


@pytest_asyncio.fixture
async def office(door: Door, as_web: Database) -> Office:
    """Maya at the console, over the log-in of the web."""
    maya = await hired(door, "Maya Ortiz", Role.ORDERS)
    return Office(door=replace(door, db=as_web), maya=maya)
