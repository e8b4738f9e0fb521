"""`./kale keys` on a shop: what the owner's commands do to the file and the database together."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.errors import MustNotStart
from kalecart.ids import new_id
from kalecart.jobs import KeepTombstone
from kalecart.master_keys import FileKeyProvider
from kalecart.runtime import open_runtime
from kalecart.stones_file import add_stones, keep_stones, read_stones
from kalecart.tombstones import Tombstone, shred, tombstones
from kalecart.vault import key_of, make_key, open_vault
from local import keys
from local.owner import Owner
from local.program import CannotStart
from tests.clock import FakeClock
from tests.server import Clone, Server

DAY = timedelta(days=1)


def quietly(_done: int, _total: int) -> None:
    """Nobody watches."""


async def test_a_rotation_leaves_one_key_that_wraps_everything_and_old_ones_go_when_no_backup_needs_them(
    owner: Owner, clock: FakeClock
) -> None:
    person, now = new_id(), SystemClock().now()
    async with owner.db.transaction() as tx:
        await make_key(tx, person, owner.vault, now=clock.now())
    before = FileKeyProvider(owner.settings.master_key_file).name

    done = await keys.rotate(owner, told=quietly)
    held = await keys.status(owner)

    assert done.rewrapped == 1
    assert [(each.standing.name, each.standing.wraps, each.current) for each in held] == [
        (done.added, 2, True),
        (before, 0, False),
    ]
    with pytest.raises(CannotStart, match="--at-once"):
        await keys.retire(owner, now=now + 29 * DAY)
    assert await keys.retire(owner, now=now + 31 * DAY) == [before]
    assert FileKeyProvider(owner.settings.master_key_file).names == (done.added,)
    reopened = await open_vault(owner.db, FileKeyProvider(owner.settings.master_key_file))
    async with owner.db.transaction() as tx:
        await key_of(tx, person, reopened)


async def test_an_older_master_key_stays_while_anything_is_wrapped_by_it(
    owner: Owner, clock: FakeClock, server: Server
) -> None:
    """A process that cannot see the new key wraps by the old one until it is started again."""
    behind = await open_vault(owner.db, FileKeyProvider(server.master_key_file))
    await keys.rotate(owner, told=quietly)
    person = new_id()
    async with owner.db.transaction() as tx:
        await make_key(tx, person, behind, now=clock.now())

    with pytest.raises(CannotStart, match="1 keys are wrapped by"):
        await keys.retire(owner, now=SystemClock().now(), at_once=True)

    finished = await keys.rotate(owner, told=quietly)
    assert (finished.added, finished.rewrapped) == (None, 1)
    await keys.retire(owner, now=SystemClock().now(), at_once=True)
    with pytest.raises(CannotStart, match="one master key only"):
        await keys.retire(owner, now=SystemClock().now(), at_once=True)


async def test_an_erasure_is_written_down_outside_the_database_by_a_worker(owner: Owner, clock: FakeClock) -> None:
    erased = new_id()
    async with owner.db.transaction() as tx:
        await shred(tx, erased, now=clock.now())
        stones = await tombstones(tx)
    file = owner.settings.tombstone_file
    assert file is not None

    for _ in range(2):
        await keep_stones(None, db=owner.db, clock=clock, file=file)

    assert read_stones(file) == stones
    assert len(file.read_text().splitlines()) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert KeepTombstone(subject=erased).arguments() == {"subject": str(erased)}


async def test_a_line_that_was_cut_short_in_a_crash_is_written_again(tmp_path: Path, clock: FakeClock) -> None:
    file = tmp_path / "tombstones.jsonl"
    first, second = (Tombstone(person_id=new_id(), erased_at=clock.now(), scope="customer") for _ in range(2))
    add_stones(file, [first])
    with file.open("a") as out:
        out.write('{"person_id": "0')

    assert read_stones(file) == [first]
    assert add_stones(file, [first, second]) == 1
    assert read_stones(file) == [first, second]


async def test_no_process_starts_on_an_older_copy_of_the_database_until_it_is_told_who_was_erased(
    owner: Owner, clock: FakeClock, clone: Clone
) -> None:
    """E67: the copy knows nothing of the erasure; the file outside does."""
    erased, living = new_id(), new_id()
    async with owner.db.transaction() as tx:
        for person in (erased, living):
            await make_key(tx, person, owner.vault, now=clock.now())
    assert owner.settings.tombstone_file is not None
    add_stones(owner.settings.tombstone_file, [Tombstone(person_id=erased, erased_at=clock.now(), scope="customer")])
    as_web = owner.settings.model_copy(update={"database_url": SecretStr(clone.url("kale_web"))})

    with pytest.raises(MustNotStart, match="keys of 1 who were erased are back"):
        async with open_runtime(as_web, process="web"):
            pytest.fail("it started")
    assert await keys.replay_stones(owner) == 1

    async with open_runtime(as_web, process="web") as runtime, runtime.db.transaction() as tx:
        await key_of(tx, living, runtime.vault)


async def test_a_shop_whose_file_of_keys_cannot_be_written_says_what_to_do(
    owner: Owner, db: Database, tmp_path: Path
) -> None:
    nowhere = tmp_path / "elsewhere" / "master.key"
    nowhere.parent.mkdir()
    nowhere.symlink_to(owner.settings.master_key_file)
    (nowhere.parent / "master.key.new").mkdir()
    read_only = Owner(settings=owner.settings.model_copy(update={"master_key_file": nowhere}), db=db, vault=owner.vault)

    with pytest.raises(CannotStart, match="put a new key above the others"):
        await keys.rotate(read_only, told=quietly)
