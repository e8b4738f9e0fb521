from datetime import UTC, datetime

import pytest_asyncio
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.ids import StaffId, new_id
from kalecart.staff.tables import staff
from tests.clock import FakeClock
from tests.told import Shop


@pytest_asyncio.fixture
async def shop(db: Database, as_analytics: Database, as_web: Database) -> Shop:
    manager = StaffId(new_id())
    shop = Shop(db, as_analytics, as_web, FakeClock(datetime(2027, 1, 2, 20, tzinfo=UTC)), manager)
    member = {"id": manager, "email_sealed": b"", "email_index": manager.bytes, "name_sealed": b"", "password_hash": ""}
    async with db.transaction() as tx:
        await tx.execute(sa.insert(staff).values(**member, role="manager", joined_at=shop.clock.now()))
    return shop
