import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.errors import MustNotStart
from kalecart.ids import new_id
from kalecart.master_keys import FileKeyProvider
from kalecart.vault import (
    CannotOpen,
    Place,
    Vault,
    data_key,
    found_vault,
    index_key,
    key_of,
    make_key,
    open_vault,
)
from tests.clock import FakeClock
from tests.server import Server

NAME = "Ana Lima"


def a_place() -> Place:
    return Place("customer", "name_sealed", new_id())


def another_master_key(folder: Path) -> FileKeyProvider:
    file = folder / "other.key"
    file.write_bytes(base64.b64encode(os.urandom(32)))
    return FileKeyProvider(file)


async def test_what_is_sealed_opens_in_its_place_and_is_unreadable_otherwise(vault: Vault) -> None:
    key, _ = vault.new_key()
    place = a_place()

    sealed = key.seal(NAME, place)

    assert key.open(sealed, place) == NAME
    assert NAME.encode() not in sealed


async def test_the_same_words_sealed_twice_do_not_look_the_same(vault: Vault) -> None:
    key, _ = vault.new_key()
    place = a_place()

    assert key.seal(NAME, place) != key.seal(NAME, place)


@pytest.mark.parametrize(
    "moved", [{"row": new_id()}, {"column": "phone_sealed"}, {"table": "staff"}], ids=["row", "column", "table"]
)
async def test_what_is_moved_to_another_place_does_not_open(vault: Vault, moved: dict[str, object]) -> None:
    key, _ = vault.new_key()
    place = a_place()
    sealed = key.seal(NAME, place)

    with pytest.raises(CannotOpen) as closed:
        key.open(sealed, replace(place, **moved))  # ty: ignore[invalid-argument-type]

    assert NAME not in str(closed.value)


async def test_another_persons_key_opens_nothing(vault: Vault) -> None:
    (mine, _), (yours, _) = vault.new_key(), vault.new_key()
    place = a_place()

    with pytest.raises(CannotOpen):
        yours.open(mine.seal(NAME, place), place)


@pytest.mark.parametrize("at", [0, 1, 15, -1], ids=["format", "nonce", "text", "tag"])
async def test_a_single_changed_byte_is_noticed(vault: Vault, at: int) -> None:
    key, _ = vault.new_key()
    place = a_place()
    sealed = bytearray(key.seal(NAME, place))
    sealed[at] ^= 1

    with pytest.raises(CannotOpen):
        key.open(bytes(sealed), place)


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x01" + bytes(12)], ids=["nothing", "a format", "a nonce"])
async def test_what_was_cut_short_does_not_open(vault: Vault, cut: bytes) -> None:
    key, _ = vault.new_key()

    with pytest.raises(CannotOpen):
        key.open(cut, a_place())


async def test_a_persons_key_comes_back_out_of_its_row(
    db: Database, vault: Vault, clock: FakeClock, server: Server
) -> None:
    person, place = new_id(), a_place()
    async with db.transaction() as tx:
        sealed = (await make_key(tx, person, vault, now=clock.now())).seal(NAME, place)
    async with db.transaction() as tx:
        key = await key_of(tx, person, vault)
        stored = (await tx.execute(sa.select(data_key.c.wrapped, data_key.c.master_key))).one()

    assert key.open(sealed, place) == NAME
    assert stored.master_key == FileKeyProvider(server.master_key_file).name


async def test_without_its_row_a_persons_data_is_noise(db: Database, vault: Vault, clock: FakeClock) -> None:
    person = new_id()
    async with db.transaction() as tx:
        await make_key(tx, person, vault, now=clock.now())
        await tx.execute(sa.delete(data_key).where(data_key.c.customer_id == person))

        with pytest.raises(CannotOpen):
            await key_of(tx, person, vault)


async def test_a_wrong_master_key_stops_the_start(db: Database, tmp_path: Path) -> None:
    with pytest.raises(MustNotStart, match="does not hold file:"):
        await open_vault(db, another_master_key(tmp_path))


async def test_a_vault_that_was_never_founded_says_what_to_do(db: Database, server: Server) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.delete(index_key))

    with pytest.raises(MustNotStart, match="migrate"):
        await open_vault(db, FileKeyProvider(server.master_key_file))


async def test_founding_again_changes_no_index(db: Database, vault: Vault, server: Server) -> None:
    provider = FileKeyProvider(server.master_key_file)
    async with db.transaction() as tx:
        await found_vault(tx, provider)

    reopened = await open_vault(db, provider)
    assert reopened.blind_index("email", NAME) == vault.blind_index("email", NAME)


async def test_an_index_is_the_same_for_the_same_value_of_the_same_kind_only(vault: Vault) -> None:
    index = vault.blind_index("email", "ana.lima@example.com")

    assert vault.blind_index("email", "ana.lima@example.com") == index
    assert vault.blind_index("phone", "ana.lima@example.com") != index
    assert vault.blind_index("email", "ana.lima@example.org") != index
    assert len(index) == 16


async def test_two_shops_have_different_indexes_for_one_person(vault: Vault, server: Server) -> None:
    provider = FileKeyProvider(server.master_key_file)
    elsewhere = Vault(provider, provider.wrap(os.urandom(32)))

    assert elsewhere.blind_index("email", NAME) != vault.blind_index("email", NAME)


@pytest.mark.parametrize("content", [b"", b"short", base64.b64encode(bytes(16)), b"*" * 44])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.key").write_bytes(content)

    with pytest.raises(ValueError):  # noqa: PT011  # binascii's own is one
        FileKeyProvider(tmp_path / "bad.key")
