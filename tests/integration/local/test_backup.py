"""Backups that hold data or keys and never both, what comes back from them, and who stays erased (C8, E67)."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import SHOP, Entry, record_each
from kalecart.clock import shop_date
from kalecart.controls import last_runs
from kalecart.customers.reads import profile
from kalecart.database import Database
from kalecart.errors import MustNotStart, NotFound
from kalecart.grants import ROLES
from kalecart.ids import CustomerId, new_id
from kalecart.master_keys import FileKeyProvider
from kalecart.migrate import migrate
from kalecart.privacy.erase import erase_again
from kalecart.privacy.subject import Person
from kalecart.restores import refuse_the_risen
from kalecart.tombstones import Tombstone, shred
from kalecart.trail.seal import anchor, seal
from kalecart.trail.verify import verify
from kalecart.vault import data_key, index_key, open_vault
from local.backup import Backup, back_up, run_client
from local.backup_set import Places, sets_in
from local.drill import drill, tried_on
from local.owner import Owner
from local.program import CannotStart
from local.restore import Restored, matched, restore_into
from tests.builders import a_card, a_customer
from tests.clock import FakeClock
from tests.server import ROLE_PASSWORD, Clone, Server

PASSWORDS = dict.fromkeys(ROLES, ROLE_PASSWORD)
DAY = timedelta(days=1)
FINGERPRINT = sa.text("SELECT email_index FROM customer WHERE id = :id")

Restore = Callable[..., Awaitable[tuple[Database, Restored]]]


@pytest_asyncio.fixture
async def people(owner: Owner, clock: FakeClock) -> list[CustomerId]:
    found = [await a_customer(owner.db, owner.vault, now=clock.now()) for _ in range(3)]
    await a_card(owner.db, owner.vault, found[0], now=clock.now())
    return found


@pytest_asyncio.fixture
async def empty(server: Server) -> AsyncIterator[Clone]:
    """A database nobody migrated."""
    clone = await server.emptied()
    yield clone
    await server.dropped(clone)


@pytest_asyncio.fixture
async def restored(owner: Owner, empty: Clone, clock: FakeClock) -> AsyncIterator[Restore]:
    """Restores a backup into the empty database; with the keys of `keys` and what is known of erasures outside."""
    opened = Database(empty.url(), pool_size_max=4, application="test")

    async def restore(
        backup: Backup, *, keys: Path | None = None, stones: tuple[Tombstone, ...] = (), marks: Path | None = None
    ) -> tuple[Database, Restored]:
        provider = FileKeyProvider(owner.settings.master_key_file)
        sets = matched(backup.data.folder, keys or backup.keys.folder, provider, stones=stones)
        return opened, await restore_into(empty.url(), sets, passwords=PASSWORDS, clock=clock, anchor_file=marks)

    yield restore
    await opened.close()


async def readable(owner: Owner, db: Database, person: CustomerId) -> bool:
    vault = await open_vault(db, FileKeyProvider(owner.settings.master_key_file))
    try:
        async with db.snapshot() as tx:
            return (await profile(tx, person, vault)).name == "A Shopper"
    except NotFound:
        return False


async def test_data_and_keys_are_never_in_one_set_and_only_their_owner_reads_them(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path
) -> None:
    async with owner.db.transaction() as tx:
        wrapped = list(await tx.scalars(sa.select(data_key.c.wrapped)))
        index = await tx.scalar(sa.select(index_key.c.wrapped))

    made = await back_up(owner, Places(data=tmp_path / "backups", keys=tmp_path / "backups"), clock=clock)
    run_client(
        "pg_restore", ["--file", str(tmp_path / "plain.sql"), str(made.data.content)], "postgresql://x@127.0.0.1/x"
    )

    plain = (tmp_path / "plain.sql").read_text()
    assert str(people[0]) in plain
    assert not [key for key in [*wrapped, index] if key and key.hex() in plain]
    keys = made.keys.content.read_text()
    assert len(keys.splitlines()) == 1 + len(people)
    assert "sealed" not in keys
    master = owner.settings.master_key_file.read_text().strip()
    assert master not in plain + keys
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "backups").rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "backups").rglob("*") if path.is_dir()} == {0o700}
    async with owner.db.transaction() as tx:
        assert (await last_runs(tx))["backup"].passed


async def test_who_was_erased_after_the_backup_is_unreadable_after_restoring_it_and_all_others_are_not(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path, restored: Restore
) -> None:
    """E67: the stone is in the newest set of keys, although yesterday's is the one that is restored."""
    yesterday = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    clock.advance(days=1)
    async with owner.db.transaction() as tx:
        await shred(tx, people[0], now=clock.now())
    await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)

    db, done = await restored(yesterday)

    assert (done.keys, done.replayed) == (3, 1)
    assert [await readable(owner, db, person) for person in people] == [False, True, True]
    await refuse_the_risen(db, [people[0]])
    async with db.snapshot() as tx:
        closed = sa.text("SELECT id FROM envelope WHERE kind = 'question' AND cap_microrho = 1")
        year = shop_date(clock.now()).year
        assert (await tx.execute(closed)).scalars().all() == [f"question:{year}"], "what was asked since is not known"


async def test_the_audit_trail_is_whole_after_a_restore_and_the_marks_outside_know_why_it_is_shorter(
    owner: Owner, clock: FakeClock, tmp_path: Path, restored: Restore
) -> None:
    async def write(lines: int) -> None:
        many = [Entry(subject=("task", new_id()), detail={"attempts": 3}) for _ in range(lines)]
        async with owner.db.transaction() as tx:
            await record_each(tx, "task_retried", many, by=SHOP, now=clock.advance(microseconds=1_234_567))
        await seal(db=owner.db, clock=clock)
        await anchor(tmp_path / "marks", db=owner.db, now=clock.now())

    await write(5)
    made = await back_up(owner, Places(data=tmp_path / "backups", keys=tmp_path / "backups"), clock=clock)
    await write(4)

    db, _ = await restored(made, marks=tmp_path / "marks")

    report = await verify(db=db, clock=clock, anchor_file=tmp_path / "marks")
    assert (report.head.sequence, report.anchored, report.faults) == (5, 2, [])


async def test_an_erasure_that_no_backup_knows_of_is_replayed_from_the_file_outside(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path, restored: Restore
) -> None:
    made = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    stone = Tombstone(person_id=people[1], erased_at=clock.now(), scope="customer")

    db, done = await restored(made, stones=(stone,))

    assert done.replayed == 1
    assert [await readable(owner, db, person) for person in people] == [True, False, True]
    async with db.transaction() as tx:
        before = await tx.scalar(FINGERPRINT, {"id": people[1]})
    again = [
        await erase_again(Person.customer(person), db=db, clock=clock) for person in (people[1], CustomerId(new_id()))
    ]
    async with db.transaction() as tx:
        after = await tx.scalar(FINGERPRINT, {"id": people[1]})
    assert (again, before == after) == ([True, False], False)


async def test_a_restore_that_was_stopped_before_the_keys_leaves_a_shop_that_does_not_start(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path, empty: Clone
) -> None:
    """By hand, too: data without keys must not get a new index key, or its people could never be found again."""
    made = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    flags = ["--no-owner", "--no-privileges", f"--dbname={empty.name}", str(made.data.content)]
    run_client("pg_restore", flags, empty.url())
    provider = FileKeyProvider(owner.settings.master_key_file)

    with pytest.raises(MustNotStart, match="customers and no keys"):
        await migrate(empty.url(), passwords=PASSWORDS, provider=provider)
    db = Database(empty.url(), pool_size_max=2, application="test")
    with pytest.raises(MustNotStart):
        await open_vault(db, provider)
    await db.close()
    with pytest.raises(CannotStart, match="not empty"):
        sets = matched(made.data.folder, made.keys.folder, provider, stones=())
        await restore_into(empty.url(), sets, passwords=PASSWORDS, clock=clock)


async def test_sets_that_do_not_belong_together_or_are_damaged_are_refused_with_the_reason(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path
) -> None:
    provider = FileKeyProvider(owner.settings.master_key_file)
    first = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    clock.advance(days=1)
    second = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)

    def refused(data: Path, keys: Path, why: str) -> None:
        with pytest.raises(CannotStart, match=re.escape(why)):
            matched(data, keys, provider, stones=())

    refused(second.data.folder, first.keys.folder, "the keys are older than the data")
    refused(first.keys.folder, first.keys.folder, "holds keys, and here data are wanted")
    refused(tmp_path, first.keys.folder, "is not a backup")
    manifest = second.keys.folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"shop": "0" * 32}))
    refused(second.data.folder, second.keys.folder, "two different shops")
    manifest.write_text("{")
    refused(second.data.folder, second.keys.folder, "cannot be read")
    content = bytearray(second.data.content.read_bytes())
    content[len(content) // 2] ^= 1
    second.data.content.write_bytes(content)
    refused(second.data.folder, first.keys.folder, "is damaged")
    (tmp_path / "other.key").write_text("A" * 43 + "=\n")
    provider = FileKeyProvider(tmp_path / "other.key")
    refused(first.data.folder, first.keys.folder, "which the master key file does not hold")


async def test_key_backups_beyond_their_time_are_removed_and_data_stays(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path
) -> None:
    first = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    clock.advance(days=29)
    assert (await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)).removed == 0
    clock.advance(days=2)

    last = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)

    assert last.removed == 1
    assert not first.keys.folder.exists()
    assert (len(sets_in(tmp_path, "data")), len(sets_in(tmp_path, "keys"))) == (3, 2)
    assert not list((tmp_path / "keys").glob(".*"))


async def test_the_drill_notices_one_value_that_lies_where_it_does_not_belong(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path
) -> None:
    made = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    provider = FileKeyProvider(owner.settings.master_key_file)
    sets = matched(made.data.folder, made.keys.folder, provider, stones=())
    assert (await tried_on(owner.db, sets)).torn == frozenset()
    async with owner.db.transaction() as tx:
        await tx.execute(sa.text("UPDATE customer SET phone_sealed = name_sealed WHERE id = :id"), {"id": people[2]})

    assert (await tried_on(owner.db, sets)).torn == {people[2]}


async def test_the_drill_restores_yesterdays_backup_and_states_from_when_on_nobody_erased_can_be_read(
    owner: Owner, people: list[CustomerId], clock: FakeClock, tmp_path: Path
) -> None:
    made = await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)
    clock.advance(days=1)
    async with owner.db.transaction() as tx:
        await shred(tx, people[0], now=clock.now())
    await back_up(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)

    done = await drill(owner, Places(data=tmp_path, keys=tmp_path), clock=clock)

    assert done.backup == made.data.folder.name
    # The one who was erased, and one who is erased for the drill.
    assert (done.erased, done.erased_read, done.living, done.living_unread, done.rehearsed) == (2, 0, 1, 0, 1)
    assert done.passed
    assert done.last_key_goes_at == made.keys.manifest.instant + 30 * DAY
    async with owner.db.transaction() as tx:
        run = (await last_runs(tx))["restore_drill"]
    assert run.passed
    assert run.detail == done.sentence
