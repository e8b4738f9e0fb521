from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.grants import ANALYTICS, WEB
from kalecart.ids import StaffId, new_id
from kalecart.staff.tables import staff
from tests.clock import FakeClock
from tests.server import Clone
from tests.told import Shop


@pytest_asyncio.fixture
async def shop(db: Database, clone: Clone) -> AsyncIterator[Shop]:
    counting = Database(clone.url(ANALYTICS), pool_size_max=8, application="test")
    web = Database(clone.url(WEB), pool_size_max=16, application="test")
    manager = StaffId(new_id())
    shop = Shop(db, counting, web, FakeClock(datetime(2027, 1, 2, 20, tzinfo=UTC)), manager)
    member = {"id": manager, "email_sealed": b"", "email_index": manager.bytes, "name_sealed": b"", "password_hash": ""}
    async with db.transaction() as tx:
        await tx.execute(sa.insert(staff).values(**member, role="manager", joined_at=shop.clock.now()))
    yield shop
    await counting.close()
    await web.close()
