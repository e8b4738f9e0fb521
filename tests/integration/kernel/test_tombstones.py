"""Destroying a key, and the stone that is left."""

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kalecart.database import Database
from kalecart.errors import MustNotStart
from kalecart.grants import PRIVACY, ROLES
from kalecart.ids import new_id
from kalecart.restores import begin_restore, end_restore, refuse_the_risen
from kalecart.tombstones import Tombstone, replay, shred, tombstones
from kalecart.vault import CannotOpen, Vault, key_of, make_key
from tests.clock import FakeClock
from tests.server import Clone


async def test_a_shredded_persons_key_is_gone_and_a_stone_says_since_when(
    db: Database, vault: Vault, clock: FakeClock
) -> None:
    erased, living = new_id(), new_id()
    async with db.transaction() as tx:
        await make_key(tx, erased, vault, now=clock.now())
        await make_key(tx, living, vault, now=clock.now())
        first = await shred(tx, erased, now=clock.now())
        again = await shred(tx, erased, now=clock.now())

    assert (first, again) == (True, False)
    async with db.transaction() as tx:
        with pytest.raises(CannotOpen):
            await key_of(tx, erased, vault)
        await key_of(tx, living, vault)
        assert await tombstones(tx) == [Tombstone(person_id=erased, erased_at=clock.now(), scope="customer")]
    await refuse_the_risen(db, [])


async def test_a_shop_in_which_an_erased_person_has_a_key_does_not_start(
    db: Database, vault: Vault, clock: FakeClock
) -> None:
    """E67: an older copy of the whole database, put back without its keys' end."""
    erased, unknown_here = new_id(), new_id()
    async with db.transaction() as tx:
        await shred(tx, erased, now=clock.now())
        await make_key(tx, erased, vault, now=clock.now())
        await make_key(tx, unknown_here, vault, now=clock.now())

    with pytest.raises(MustNotStart, match="2 who were erased"):
        await refuse_the_risen(db, [unknown_here])

    stone = Tombstone(person_id=unknown_here, erased_at=clock.now(), scope="customer")
    async with db.transaction() as tx:
        assert await replay(tx, [stone]) == 2
        assert await replay(tx, [stone]) == 0
    await refuse_the_risen(db, [unknown_here])


async def test_a_restore_that_has_not_replayed_keeps_the_shop_shut(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        await begin_restore(tx, "data-1", now=clock.now())

    with pytest.raises(MustNotStart, match="restored from a backup"):
        await refuse_the_risen(db, [])

    async with db.transaction() as tx:
        await end_restore(tx, now=clock.now())
    await refuse_the_risen(db, [])


@pytest.mark.parametrize("role", ROLES)
async def test_only_the_privacy_worker_may_destroy_a_key_and_nobody_may_move_a_stone(
    db: Database, vault: Vault, clone: Clone, clock: FakeClock, role: str
) -> None:
    person = new_id()
    async with db.transaction() as tx:
        await make_key(tx, person, vault, now=clock.now())
    url = make_url(clone.url(role)).set(drivername="postgresql").render_as_string(hide_password=False)
    as_role = await asyncpg.connect(url)
    try:
        for refused in ("DELETE FROM vault.tombstone", "UPDATE vault.tombstone SET erased_at = now()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await as_role.execute(refused)
    finally:
        await as_role.close()
    database = Database(clone.url(role), pool_size_max=1, application="test")
    try:
        if role == PRIVACY:
            async with database.transaction() as tx:
                assert await shred(tx, person, now=clock.now())
        else:
            with pytest.raises(Exception, match="42501"):
                async with database.transaction() as tx:
                    await shred(tx, person, now=clock.now())
    finally:
        await database.close()
    async with db.transaction() as tx:
        left = await tx.scalar(sa.text("SELECT count(*) FROM vault.data_key"))
    assert left == (0 if role == PRIVACY else 1)
