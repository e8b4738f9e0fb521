"""`./kale restore`: both sets of a backup into an empty database, then the erasures since, before anybody starts.

What may have been released since is not released once more.
"""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kalecart.analytics.close_envelopes import close_envelopes
from kalecart.clock import Clock
from kalecart.controls import record_control
from kalecart.database import Database, Tx
from kalecart.key_set import KeySet, from_lines, load_keys
from kalecart.master_keys import KeyProvider, UnknownMasterKey
from kalecart.migrate import migrate
from kalecart.privacy.erase import erase_again
from kalecart.privacy.subject import Person, PersonKind
from kalecart.restores import begin_restore, end_restore
from kalecart.snapshots import counts, is_empty
from kalecart.tombstones import Tombstone, replay
from kalecart.trail.seal import anchor
from local import rootless
from local.backup import run_client, shop_mark
from local.backup_set import BackupSet, read_set, sets_in
from local.folder import Folder
from local.program import CannotStart

CONTROL: Final = "restore"


@dataclass(frozen=True, kw_only=True)
class Sets:
    """Two sets that belong together, and every erasure known outside the database that is to be."""

    data: BackupSet
    keys: KeySet
    stones: Sequence[Tombstone]
    provider: KeyProvider


@dataclass(frozen=True, kw_only=True)
class Restored:
    """How many rows and keys came back, and how many keys of erased people did not."""

    rows: int
    keys: int
    replayed: int


def matched(data: Path, keys: Path, provider: KeyProvider, *, stones: Sequence[Tombstone]) -> Sets:
    """Raises CannotStart with the reason where the two cannot be restored together.

    Tombstones come from `stones` and from the newest set beside `keys`.
    """
    data_set, key_set = read_set(data, "data"), read_set(keys, "keys")
    if data_set.manifest.shop != key_set.manifest.shop:
        raise CannotStart("the data and the keys are of two different shops.")
    if key_set.manifest.instant < data_set.manifest.instant:
        raise CannotStart(
            "the keys are older than the data, so people who came in between would be lost; "
            "take keys of the same instant or later."
        )
    read = keys_of(key_set)
    try:
        mark = shop_mark(read.vault(provider))
    except UnknownMasterKey as name:
        raise CannotStart(f"the keys are wrapped by {name}, which the master key file does not hold.") from None
    if mark != key_set.manifest.shop:
        raise CannotStart("the keys are not those their manifest was written for.")
    newest = keys_of(_newest_beside(key_set))
    known = {stone.person_id: stone for stone in (*read.stones, *newest.stones, *stones)}
    return Sets(data=data_set, keys=read, stones=list(known.values()), provider=provider)


def keys_of(found: BackupSet) -> KeySet:
    """What a set of keys holds, whoever may open it."""
    with found.content.open() as lines:
        return from_lines(lines)


def _newest_beside(keys: BackupSet) -> BackupSet:
    shop = keys.manifest.shop
    beside = [each for each in sets_in(keys.folder.parent.parent, "keys") if each.manifest.shop == shop]
    return read_set(beside[-1].folder, "keys") if beside else keys


async def restore_into(
    owner_url: str, sets: Sets, *, passwords: Mapping[str, str], clock: Clock, anchor_file: Path | None = None
) -> Restored:
    """Raises CannotStart where the database is not empty, or what came back is not what was backed up.

    The audit trail now ends where the backup's did: a mark in `anchor_file` says so, or it would look cut off.
    """
    db = Database(owner_url, pool_size_max=2, application="kalecart restore")
    try:
        async with db.transaction() as tx:
            if not await is_empty(tx):
                raise CannotStart("this database is not empty; restore into an empty one, or use --fresh.")
        await _read_back(owner_url, sets.data)
        async with db.transaction() as tx:
            await begin_restore(tx, sets.data.folder.name, now=clock.now())
        rows = await _counted(db, sets.data)
        # From here on there are keys: with the erasures in the same transaction, and never without them.
        async with db.transaction() as tx:
            await load_keys(tx, sets.keys)
            replayed = await replay(tx, sets.stones)
            closed = await _closed(tx, sets.data, clock)
            await end_restore(tx, now=clock.now())
        await migrate(owner_url, passwords=passwords, provider=sets.provider)
        if not closed:
            async with db.transaction() as tx:
                await _closed(tx, sets.data, clock)
        detail = f"{rows} rows and {len(sets.keys.keys)} keys, of which {replayed} were destroyed again"
        async with db.transaction() as tx:
            await record_control(tx, CONTROL, passed=True, detail=detail, now=clock.now())
        if anchor_file is not None:
            await anchor(anchor_file, db=db, now=clock.now(), restored=True)
    finally:
        await db.close()
    return Restored(rows=rows, keys=len(sets.keys.keys), replayed=replayed)


async def erase_again_all(owner_url: str, sets: Sets, *, clock: Clock) -> int:
    """Empty what came back of the erased beside their keys: fingerprints, numbers at Stripe. How many people it was."""
    db = Database(owner_url, pool_size_max=2, application="kalecart restore")
    kinds = {str(kind): kind for kind in PersonKind}
    people = [Person(kind=kinds[stone.scope], id=stone.person_id) for stone in sets.stones if stone.scope in kinds]
    try:
        return sum([await erase_again(person, db=db, clock=clock) for person in people])
    finally:
        await db.close()


async def _read_back(owner_url: str, data: BackupSet) -> None:
    # Roles, their rights and the rows they see come with `migrate`: a new server has none of them yet.
    flags = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-policies"]
    database = make_url(owner_url).database
    await asyncio.to_thread(run_client, "pg_restore", [*flags, f"--dbname={database}", str(data.content)], owner_url)


async def _closed(tx: Tx, data: BackupSet, clock: Clock) -> bool:
    """Whether there are budgets of figures, closed now. A copy may be older than they are, and its shop not."""
    known = bool(await tx.scalar(sa.text("SELECT to_regclass('envelope') IS NOT NULL")))
    if known:
        await close_envelopes(tx, since=data.manifest.instant, now=clock.now())
    return known


async def _counted(db: Database, data: BackupSet) -> int:
    """Every row that was there at the backup's instant is there again."""
    async with db.snapshot() as tx:
        found = await counts(tx, only=data.manifest.counts)
    if wrong := sorted(name for name, count in data.manifest.counts.items() if found.get(name) != count):
        raise CannotStart(f"what came back is not what was backed up: {', '.join(wrong)} differ.")
    return sum(found.values())


def make_room(folder: Folder) -> None:
    """Remove the database and the hints of a local shop; its keys, its tombstones and its backups stay."""
    rootless.forget(folder.postgres)
    if folder.valkey.exists():
        shutil.rmtree(folder.valkey)
