"""Changing the master key."""

import base64
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kalecart.customers.reads import profile
from kalecart.database import ConstraintBroken, Database
from kalecart.ids import new_id
from kalecart.master_keys import FileKeyProvider, UnknownMasterKey, Wrapped, add_current, drop
from kalecart.rotation import forget, know, rewrap_all, standings
from kalecart.tombstones import shred
from kalecart.vault import CannotOpen, Vault, data_key, key_of, make_key, open_vault
from tests.builders import a_customer
from tests.clock import FakeClock
from tests.server import Server


@pytest.fixture
def ring(server: Server, tmp_path: Path) -> Path:
    """The shop's master key file, to be changed by one test."""
    return shutil.copy(server.master_key_file, tmp_path / "master.key")


async def rotated(db: Database, ring: Path) -> FileKeyProvider:
    provider = FileKeyProvider(ring)
    key = os.urandom(32)
    add_current(ring, key)
    provider.look_again()
    async with db.transaction() as tx:
        await know(tx, provider.name)
    return provider


async def test_after_a_rotation_old_data_opens_and_nothing_needs_the_old_key(
    db: Database, vault: Vault, clock: FakeClock, ring: Path
) -> None:
    people = [await a_customer(db, vault, now=clock.now()) for _ in range(3)]
    before = FileKeyProvider(ring)
    index = vault.blind_index("email", "ana@example.com")

    after = await rotated(db, ring)
    heard: list[tuple[int, int]] = []
    assert await rewrap_all(db, after, told=lambda *told: heard.append(told)) == 3
    assert await rewrap_all(db, after, told=lambda *_: None) == 0

    assert heard[0] == (3, 3)
    assert {each.name: each.wraps for each in await standings(db)} == {after.name: 4, before.name: 0}
    drop(ring, frozenset({before.name}))
    reopened = await open_vault(db, FileKeyProvider(ring))
    assert reopened.blind_index("email", "ana@example.com") == index
    async with db.snapshot() as tx:
        assert {(await profile(tx, each, reopened)).name for each in people} == {"A Shopper"}


async def test_a_process_learns_of_a_new_key_without_being_started_again(
    db: Database, clock: FakeClock, ring: Path
) -> None:
    serving = await open_vault(db, FileKeyProvider(ring))
    person, other = new_id(), new_id()
    async with db.transaction() as tx:
        await make_key(tx, person, serving, now=clock.now())

    after = await rotated(db, ring)
    await rewrap_all(db, after, told=lambda *_: None)

    async with db.transaction() as tx:
        await key_of(tx, person, serving)
        await make_key(tx, other, serving, now=clock.now())
        named = await tx.scalar(sa.select(data_key.c.master_key).where(data_key.c.customer_id == other))
    assert named == after.name


async def test_the_database_refuses_to_forget_a_master_key_that_somebodys_key_is_wrapped_by(
    db: Database, vault: Vault, clock: FakeClock, ring: Path
) -> None:
    async with db.transaction() as tx:
        await make_key(tx, new_id(), vault, now=clock.now())
    old = FileKeyProvider(ring).name
    after = await rotated(db, ring)

    with pytest.raises(ConstraintBroken):
        await forget(db, old)
    await rewrap_all(db, after, told=lambda *_: None)
    await forget(db, old)

    assert [each.name for each in await standings(db)] == [after.name]


async def test_a_key_wrapped_by_a_master_key_that_is_gone_is_never_stored(
    db: Database, vault: Vault, clock: FakeClock, ring: Path
) -> None:
    """A process that never saw the new key must not lock a new customer out of their own data."""
    old = FileKeyProvider(ring).name
    after = await rotated(db, ring)
    await rewrap_all(db, after, told=lambda *_: None)
    await forget(db, old)

    with pytest.raises(ConstraintBroken):
        async with db.transaction() as tx:
            await make_key(tx, new_id(), vault, now=clock.now())


async def test_a_rotation_that_was_killed_goes_on_where_it_stopped(
    db: Database, vault: Vault, clock: FakeClock, ring: Path
) -> None:
    async with db.transaction() as tx:
        for _ in range(5):
            await make_key(tx, new_id(), vault, now=clock.now())
    after = await rotated(db, ring)

    def die(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rewrap_all(db, after, told=die, batch_max=2)
    assert {each.wraps for each in await standings(db)} == {3}

    assert await rewrap_all(db, after, told=lambda *_: None) == 3


async def test_who_was_erased_during_a_rotation_stays_erased(
    db: Database, vault: Vault, clock: FakeClock, ring: Path
) -> None:
    erased, living = new_id(), new_id()
    async with db.transaction() as tx:
        await make_key(tx, erased, vault, now=clock.now())
        await make_key(tx, living, vault, now=clock.now())
    after = await rotated(db, ring)
    async with db.transaction() as tx:
        await shred(tx, erased, now=clock.now() + timedelta(seconds=1))

    assert await rewrap_all(db, after, told=lambda *_: None) == 1
    async with db.transaction() as tx:
        with pytest.raises(CannotOpen):
            await key_of(tx, erased, vault)


def test_a_master_key_nobody_has_is_named_and_not_shown(ring: Path) -> None:
    wrapped = Wrapped(b"x" * 40, "file:000000000000")

    with pytest.raises(UnknownMasterKey, match=r"^file:000000000000$"):
        FileKeyProvider(ring).unwrap(wrapped)


def test_the_file_is_replaced_whole_and_stays_as_private_as_it_was(ring: Path) -> None:
    ring.chmod(0o600)
    before = ring.read_text()

    name = add_current(ring, os.urandom(32))

    assert ring.stat().st_mode & 0o777 == 0o600
    assert ring.read_text().splitlines()[1:] == before.splitlines()
    assert FileKeyProvider(ring).name == name
    drop(ring, frozenset(FileKeyProvider(ring).names))
    assert FileKeyProvider(ring).names == (name,)
    assert [path.name for path in ring.parent.iterdir()] == [ring.name]


def test_a_file_that_breaks_while_the_shop_serves_changes_nothing(ring: Path) -> None:
    provider = FileKeyProvider(ring)
    wrapped = provider.wrap(bytes(32))
    ring.write_text(base64.b64encode(b"too short").decode())

    assert provider.unwrap(provider.wrap(bytes(32))) == provider.unwrap(wrapped) == bytes(32)
