from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock
from tests.complaining import a_member
from tests.people import Door, a_door


@pytest_asyncio.fixture
async def door(db: Database, vault: Vault, clock: FakeClock) -> AsyncIterator[Door]:
    door = await a_door(db, vault, clock)
    yield door
    await door.allowances.close()


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


@pytest_asyncio.fixture
async def admin(door: Door) -> StaffMember:
    return await a_member(door, Role.PRIVACY)
