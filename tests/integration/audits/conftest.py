from collections.abc import AsyncIterator

import pytest_asyncio

from kalecart.database import Database
from kalecart.grants import PRIVACY, WEB
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.auditors import Office
from tests.clock import FakeClock
from tests.complaining import a_member
from tests.people import a_door
from tests.server import Clone


@pytest_asyncio.fixture
async def office(db: Database, clone: Clone, vault: Vault, clock: FakeClock) -> AsyncIterator[Office]:
    """A manager, an administrator and a picker; acts and looks with the rights their processes have."""
    door = await a_door(db, vault, clock)
    web = Database(clone.url(WEB), pool_size_max=4, application="test web")
    privacy = Database(clone.url(PRIVACY), pool_size_max=2, application="test privacy")
    people = [await a_member(door, role) for role in (Role.MANAGER, Role.PRIVACY, Role.ORDERS)]
    yield Office(door, web, privacy, *people)
    await door.allowances.close()
    await web.close()
    await privacy.close()
