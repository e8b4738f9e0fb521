"""Changing the master key of a shop that serves, and destroying again what an older copy brought back."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kalecart.database import ConstraintBroken
from kalecart.master_keys import KEY_BYTES, FileKeyProvider, add_current, drop, name_of
from kalecart.rotation import Standing, forget, know, rewrap_all, standings
from kalecart.stones_file import add_stones, read_stones
from kalecart.tombstones import replay, tombstones
from local.owner import Owner
from local.program import CannotStart

Told = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """`added` is the name of the new master key, or None where an earlier rotation was finished."""

    added: str | None
    rewrapped: int
    took_s: float


@dataclass(frozen=True, kw_only=True)
class Held:
    """A master key as the file and the database know it."""

    standing: Standing
    current: bool
    in_file: bool


async def rotate(owner: Owner, *, told: Told) -> Rotated:
    """Make a new master key the current one and wrap everything by it; or finish what an earlier call began."""
    provider = FileKeyProvider(owner.settings.master_key_file)
    unfinished = any(each.wraps and each.name != provider.name for each in await standings(owner.db))
    added = None if unfinished else await _add(owner, provider)
    async with owner.db.transaction() as tx:
        await know(tx, provider.name)
    begun = time.monotonic()
    rewrapped = await rewrap_all(owner.db, provider, told=told)
    return Rotated(added=added, rewrapped=rewrapped, took_s=time.monotonic() - begun)


async def _add(owner: Owner, provider: FileKeyProvider) -> str:
    """The database knows the name before any process can wrap something by the key."""
    key, file = os.urandom(KEY_BYTES), owner.settings.master_key_file
    async with owner.db.transaction() as tx:
        await know(tx, name_of(key))
    try:
        name = await asyncio.to_thread(add_current, file, key)
    except OSError as error:
        raise CannotStart(
            f"{file} cannot be written ({error.strerror}): put a new key above the others where it comes from, start "
            "the processes again, and run this once more."
        ) from None
    provider.look_again()
    return name


async def status(owner: Owner) -> list[Held]:
    """The newest first."""
    provider = FileKeyProvider(owner.settings.master_key_file)
    return [
        Held(standing=each, current=each.name == provider.name, in_file=each.name in provider.names)
        for each in await standings(owner.db)
    ]


async def retire(owner: Owner, *, now: datetime, at_once: bool = False) -> list[str]:
    """Drop the older master keys that nothing needs any more; their names.

    Key backups are wrapped as the keys were when they were made, so an old master key is kept as long as those are;
    `at_once` is for one that may have become known. Raises CannotStart with the reason where none can be dropped.
    """
    provider, horizon = FileKeyProvider(owner.settings.master_key_file), owner.settings.key_backups_last
    known = {each.name: each for each in await standings(owner.db)}
    older = sorted((set(known) | set(provider.names)) - {provider.name})
    if not older:
        raise CannotStart("there is one master key only; ./kale keys rotate makes a new one.")
    since = known[provider.name].added_at if provider.name in known else now
    if now - since < horizon and not at_once:
        raise CannotStart(
            f"key backups made before {since:%Y-%m-%d %H:%M} need the older master keys, and the last of them is kept "
            f"until {since + horizon:%Y-%m-%d}; with --at-once they cannot be restored any more."
        )
    for name in older:
        try:
            await forget(owner.db, name)
        except ConstraintBroken:
            raise CannotStart(
                f"{known[name].wraps} keys are wrapped by {name} still; run ./kale keys rotate."
            ) from None
    await asyncio.to_thread(drop, owner.settings.master_key_file, frozenset(older))
    return older


async def replay_stones(owner: Owner) -> int:
    """Destroy the keys of everybody under a tombstone, here or in the file outside; how many had come back."""
    file = owner.settings.tombstone_file
    async with owner.db.transaction() as tx:
        destroyed = await replay(tx, read_stones(file))
        stones = await tombstones(tx)
    if file is not None:
        await asyncio.to_thread(add_stones, file, stones)
    return destroyed
