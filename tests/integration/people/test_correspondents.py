"""People without an account whom the shop has to write to."""

import asyncio

import pytest
import sqlalchemy as sa

from kalecart.correspondents.reads import reach_of
from kalecart.correspondents.source import NAMELESS, Source
from kalecart.correspondents.store import keep
from kalecart.correspondents.tables import correspondent
from kalecart.customers.profile import Reach
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CorrespondentId, StaffId
from kalecart.privacy.erase import erase_again
from kalecart.privacy.subject import Person
from kalecart.staff import reads as staff
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.clock import FakeClock

EMAIL = "rosa.reyes@example.org"


@pytest.fixture
def kept(db: Database, vault: Vault, clock: FakeClock):
    async def keep_one(email: str = EMAIL, *, name: str | None = None, source: Source = "request") -> CorrespondentId:
        async with db.transaction() as tx:
            return await keep(tx, email, name=name, source=source, vault=vault, now=clock.now())

    return keep_one


async def test_who_writes_twice_at_once_is_one_correspondent_for_each_reason(kept, db: Database) -> None:
    same = await asyncio.gather(*(kept(email) for email in (EMAIL, EMAIL.upper(), EMAIL, EMAIL)))
    other = await kept(source="unconsented_source")

    assert len({*same, other}) == 2
    async with db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(correspondent)) == 2


async def test_a_letter_reaches_them_by_the_name_they_gave_and_nobody_once_they_are_forgotten(
    kept, db: Database, vault: Vault, clock: FakeClock
) -> None:
    named, nameless = await kept(name="Rosa Reyes"), await kept("sam@example.org")

    async with db.snapshot() as tx:
        assert await reach_of(tx, named, vault) == Reach(name="Rosa Reyes", email=EMAIL)
        assert (await reach_of(tx, nameless, vault)).name == NAMELESS
    await erase_again(Person.correspondent(named), db=db, clock=clock)
    async with db.snapshot() as tx:
        with pytest.raises(NotFound):
            await reach_of(tx, named, vault)
    assert await kept(name="Rosa Reyes") != named


async def test_a_letter_reaches_a_member_of_staff(db: Database, vault: Vault, clock: FakeClock) -> None:
    asked = NewStaff(name="Omar Ode", email="omar@example.org", password="nine slow pumpkins", role=Role.PRIVACY)
    staff_id: StaffId = await add_staff(asked, db=db, vault=vault, clock=clock)

    async with db.snapshot() as tx:
        assert await staff.reach_of(tx, staff_id, vault) == Reach(name="Omar Ode", email="omar@example.org")
