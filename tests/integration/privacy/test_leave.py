"""Who works here no longer: out at once, and forgotten by rule (C8)."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.chance import token_hash
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.grants import WEB
from kalecart.ids import StaffId, new_id
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.retention import EMPLOYMENT
from kalecart.privacy.store_retention import overdue
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.leave import LastManager, leave, leave_by_email
from kalecart.staff.log_in import log_in_staff
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.reads import who
from kalecart.staff.rights import Role
from kalecart.staff.view import record_view
from kalecart.vault import CannotOpen, key_of
from tests.people import PASSWORD, Door, a_visit
from tests.server import Clone


async def hired(door: Door, name: str, role: Role) -> StaffMember:
    new = NewStaff(name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.com", password=PASSWORD, role=role)
    return StaffMember(id=await add_staff(new, db=door.db, vault=door.vault, clock=door.clock), role=role)


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await hired(door, "Maya Ortiz", Role.MANAGER)


@pytest_asyncio.fixture
async def picker(door: Door) -> StaffMember:
    return await hired(door, "Sam Staff", Role.ORDERS)


async def test_whoever_leaves_is_out_at_once_over_the_log_in_of_the_web(
    door: Door, manager: StaffMember, picker: StaffMember, clone: Clone
) -> None:
    asked = LogIn(email="sam@example.com", password=PASSWORD)
    entered = await log_in_staff(asked, a_visit(), **door.verbs)  # ty: ignore[invalid-argument-type]  # what a door has
    as_web = Database(clone.url(WEB), pool_size_max=1, application="test")

    await leave(picker.id, by=manager, db=as_web, clock=door.clock)
    await leave(picker.id, by=manager, db=as_web, clock=door.clock)

    await as_web.close()
    async with door.db.direct() as pg:
        assert await who(pg, token_hash(entered.session_token), door.clock.now()) is None
        assert await pg.fetchval("SELECT count(*) FROM staff_session") == 0
        assert await pg.fetchval("SELECT count(*) FROM audit_entry WHERE act = 'staff_left'") == 1
    with pytest.raises(WrongLogIn):
        await log_in_staff(asked, a_visit(), **door.verbs)  # ty: ignore[invalid-argument-type]


async def test_the_last_manager_stays_and_only_a_manager_ends_an_employment(
    door: Door, manager: StaffMember, picker: StaffMember
) -> None:
    of = {"db": door.db, "clock": door.clock}
    with pytest.raises(RoleForbids):
        await leave(manager.id, by=picker, **of)
    with pytest.raises(LastManager):
        await leave(manager.id, by=manager, **of)
    with pytest.raises(NotFound):
        await leave(StaffId(new_id()), by=manager, **of)
    with pytest.raises(NotFound):
        await leave_by_email("nobody@example.com", vault=door.vault, **of)

    await leave_by_email("SAM@example.com", vault=door.vault, **of)

    async with door.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM staff WHERE left_at IS NOT NULL")) == 1


async def test_of_two_managers_who_end_each_others_employment_one_stays(door: Door, manager: StaffMember) -> None:
    other = await hired(door, "Otto Weiss", Role.MANAGER)
    both = (
        leave(other.id, by=manager, db=door.db, clock=door.clock),
        leave(manager.id, by=other, db=door.db, clock=door.clock),
    )

    ended = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(each) for each in ended if each is not None) == [LastManager]


async def test_who_left_is_forgotten_two_years_later_and_what_they_did_stays_under_a_number(
    door: Door, manager: StaffMember, picker: StaffMember, as_privacy: Database
) -> None:
    """E68: the trail is untouched."""
    customer = (await door.signs_up()).customer_id
    await record_view(customer, purpose="delivery", by=picker, db=door.db, vault=door.vault, clock=door.clock)
    await leave(picker.id, by=manager, db=door.db, clock=door.clock)
    door.clock.advance(seconds=(EMPLOYMENT - timedelta(days=1)).total_seconds())
    await keep_no_longer(None, db=as_privacy, clock=door.clock)
    async with door.db.snapshot() as tx:
        await key_of(tx, picker.id, door.vault)
    door.clock.advance(seconds=timedelta(days=3).total_seconds())
    async with door.db.snapshot() as tx:
        assert ("employment", 1) in await overdue(tx, now=door.clock.now())

    await keep_no_longer(None, db=as_privacy, clock=door.clock)

    async with door.db.snapshot() as tx:
        with pytest.raises(CannotOpen):
            await key_of(tx, picker.id, door.vault)
        gone = (await tx.execute(sa.text("SELECT * FROM staff WHERE id = :id"), {"id": picker.id})).one()
        assert (gone.email_sealed, gone.name_sealed, gone.password_hash) == (b"", b"", "")
        assert await tx.scalar(sa.text("SELECT staff_id FROM staff_view")) == picker.id
        acts = sa.text("SELECT count(*) FROM audit_entry WHERE actor_id = :id")
        assert await tx.scalar(acts, {"id": picker.id}) == 1
        scopes = (await tx.execute(sa.text("SELECT person_id, scope FROM vault.tombstone"))).all()
        assert [tuple(row) for row in scopes] == [(picker.id, "staff")]
        assert "employment" not in dict(await overdue(tx, now=door.clock.now()))
        await key_of(tx, manager.id, door.vault)
    assert (await hired(door, "Sam Staff", Role.ORDERS)).id != picker.id
