from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.auditors import Office
from tests.clock import FakeClock
from tests.complaining import a_member
from tests.people import a_door


@pytest_asyncio.fixture
async def office(
    db: Database, as_web: Database, as_privacy: Database, vault: Vault, clock: FakeClock
) -> AsyncIterator[Office]:
    """A manager, an administrator and a picker; acts and looks with the rights their processes have."""
    door = await a_door(db, vault, clock)
    people = [await a_member(door, role) for role in (Role.MANAGER, Role.PRIVACY, Role.ORDERS)]
    yield Office(door, as_web, as_privacy, *people)
    await door.allowances.close()
