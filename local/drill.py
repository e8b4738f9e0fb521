"""`./kale drill`: restore yesterday's backup into a throw-away cluster and prove who can be read there, and who not.

Nobody erased may be readable and everybody else must be. So that the proof means something in a shop that nobody has
left yet, one living person is erased for the drill, in the throw-away copy only: the backup holds their key, and after
the restore they are as unreadable as everybody under a tombstone.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from kalecart import grants
from kalecart.clock import Clock
from kalecart.controls import record_control
from kalecart.database import Database
from kalecart.key_set import KeySet, read_keys
from kalecart.master_keys import FileKeyProvider
from kalecart.privacy.reads_sealed import Sealed, sealed_values
from kalecart.restores import refuse_the_risen
from kalecart.stones_file import read_stones
from kalecart.tombstones import Tombstone, tombstones
from kalecart.vault import CannotOpen, Vault, open_vault
from local.backup import back_up
from local.backup_set import Places, sets_in
from local.owner import Owner
from local.postgres import TRIAL_WORD, running_postgres
from local.program import CannotStart
from local.restore import Sets, keys_of, matched, restore_into

CONTROL: Final = "restore_drill"
YESTERDAY: Final = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What was proved. `rehearsed` of the erased were erased for the drill only; `last_key_goes_at` is when the last
    key backup that still holds the key of somebody erased is removed, or None where none does.
    """

    backup: str
    erased: int
    rehearsed: int
    erased_read: int
    living: int
    living_unread: int
    values: int
    last_key_goes_at: datetime | None
    took_s: float

    @property
    def passed(self) -> bool:
        return not self.erased_read and not self.living_unread and self.rehearsed > 0

    @property
    def sentence(self) -> str:
        horizon = f"{self.last_key_goes_at:%Y-%m-%d}" if self.last_key_goes_at else "now"
        return (
            f"backup {self.backup} restored in {self.took_s:.0f} s: {self.erased_read} of {self.erased} erased can be "
            f"read, {self.living - self.living_unread} of {self.living} others can; {self.values} values tried; "
            f"nobody erased so far is readable in any backup from {horizon} on"
        )


async def drill(owner: Owner, backups: Places, *, clock: Clock) -> Drill:
    """Run it, and record the run in the shop. Takes a backup first where there is none."""
    if not sets_in(backups.data, "data"):
        await back_up(owner, backups, clock=clock)
    begun = asyncio.get_running_loop().time()
    async with owner.db.transaction() as tx:
        stones = list(await tombstones(tx))
    stones += read_stones(owner.settings.tombstone_file)
    provider = FileKeyProvider(owner.settings.master_key_file)
    sets = await asyncio.to_thread(_chosen, backups, provider, stones, clock.now())
    async with owner.db.snapshot() as tx:
        present = [sealed.person_id async for sealed in sealed_values(tx)]
    with_rehearsed, rehearsed = _rehearsing(sets, present, clock.now())
    found = await _tried(with_rehearsed, clock=clock)
    erased = {stone.person_id for stone in with_rehearsed.stones}
    horizon = await asyncio.to_thread(
        _horizon, backups.keys, frozenset(erased - rehearsed), owner.settings.key_backups_last
    )
    done = Drill(
        backup=sets.data.folder.name,
        erased=len(erased & found.people),
        rehearsed=len(rehearsed & found.held),
        erased_read=len(erased & found.read),
        living=len(found.people - erased),
        living_unread=len(found.torn - erased),
        values=found.values,
        last_key_goes_at=horizon,
        took_s=asyncio.get_running_loop().time() - begun,
    )
    async with owner.db.transaction() as tx:
        await record_control(tx, CONTROL, passed=done.passed, detail=done.sentence, now=clock.now())
    return done


def _chosen(backups: Places, provider: FileKeyProvider, stones: list[Tombstone], now: datetime) -> Sets:
    """Yesterday's data, or the oldest where none is that old, with the keys of the same instant or the next later."""
    data = sets_in(backups.data, "data")
    old_enough = [each for each in data if each.manifest.instant <= now - YESTERDAY]
    chosen = old_enough[-1] if old_enough else data[0]
    keys = [each for each in sets_in(backups.keys, "keys") if each.manifest.instant >= chosen.manifest.instant]
    if not keys:
        raise CannotStart(f"no key backup is as young as the data of {chosen.folder}; run ./kale backup.")
    return matched(chosen.folder, keys[0].folder, provider, stones=stones)


def _rehearsing(sets: Sets, present: Sequence[UUID], now: datetime) -> tuple[Sets, frozenset[UUID]]:
    """The same sets with one more tombstone: of somebody present whose key the backup holds."""
    erased = {stone.person_id for stone in sets.stones}
    somebody = next((person for person in present if person in sets.keys.keys and person not in erased), None)
    if somebody is None:
        return sets, frozenset()
    stone = Tombstone(person_id=somebody, erased_at=now, scope="customer")
    return replace(sets, stones=[*sets.stones, stone]), frozenset({somebody})


@dataclass(frozen=True, kw_only=True)
class Found:
    """Who has sealed values in the restored shop, for whom one opened, for whom one did not, and how many there were.

    `held` are those whose values open with the keys of the backup, before anything was replayed.
    """

    people: frozenset[UUID]
    read: frozenset[UUID]
    torn: frozenset[UUID]
    held: frozenset[UUID]
    values: int


async def _tried(sets: Sets, *, clock: Clock) -> Found:
    folder = Path(tempfile.mkdtemp(prefix="kale-drill-"))
    try:
        async with running_postgres(folder, durable=False) as server:
            passwords = dict.fromkeys(grants.ROLES, TRIAL_WORD)
            await restore_into(server.url(), sets, passwords=passwords, clock=clock)
            db = Database(server.url(), pool_size_max=2, application="kalecart drill")
            try:
                await refuse_the_risen(db, [stone.person_id for stone in sets.stones])
                return await tried_on(db, sets)
            finally:
                await db.close()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def tried_on(db: Database, sets: Sets) -> Found:
    """Try every sealed value with what the restored shop has, and with what the backup of the keys had."""
    vault = await open_vault(db, sets.provider)
    read: set[UUID] = set()
    torn: set[UUID] = set()
    held: set[UUID] = set()
    values = 0
    async with db.snapshot() as tx:
        restored = await read_keys(tx)
        async for sealed in sealed_values(tx):
            if not sealed.value and sealed.person_id in restored.keys:
                # Emptied already, while a hold keeps the rest and the key.
                continue
            values += 1
            (read if _opens(restored, vault, sealed) else torn).add(sealed.person_id)
            if _opens(sets.keys, vault, sealed):
                held.add(sealed.person_id)
    return Found(
        people=frozenset(read | torn), read=frozenset(read), torn=frozenset(torn), held=frozenset(held), values=values
    )


def _opens(keys: KeySet, vault: Vault, sealed: Sealed) -> bool:
    if sealed.person_id not in keys.keys:
        return False
    try:
        keys.key_of(sealed.person_id, vault).open(sealed.value, sealed.place)
    except CannotOpen:
        return False
    return True


def _horizon(keys: Path, erased: frozenset[UUID], kept: timedelta) -> datetime | None:
    """When the last key backup that holds the key of somebody erased is removed."""
    holding = [each for each in sets_in(keys, "keys") if erased & keys_of(each).keys.keys()]
    return max(each.manifest.instant for each in holding) + kept if holding else None
