"""`./kale backup`: the data and the keys of one instant, each by itself."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from kalecart.clock import Clock
from kalecart.controls import record_control
from kalecart.key_set import as_lines, read_keys
from kalecart.snapshots import counts, revision, shared_snapshot
from kalecart.stones_file import add_stones
from kalecart.vault import Vault
from local.backup_set import BackupSet, Places, remove_set, sets_in, write_set
from local.environment import configured_environment
from local.folder import Folder
from local.owner import Owner
from local.program import CannotStart
from local.wheels import postgres_client

CONTROL: Final = "backup"
# Their rows are in the other set, and only there.
KEY_TABLES: Final = ("vault.data_key", "vault.index_key", "vault.master_key", "vault.tombstone")


@dataclass(frozen=True, kw_only=True)
class Backup:
    """Both sets, and how many key sets were beyond their time and are gone."""

    data: BackupSet
    keys: BackupSet
    removed: int


async def back_up(owner: Owner, to: Places, *, clock: Clock) -> Backup:
    """Write both sets, and remove key sets that are older than the shop promises to keep any."""
    now = clock.now()
    async with shared_snapshot(owner.db) as (tx, snapshot):
        keys, rows, at = await read_keys(tx), await counts(tx), await revision(tx)
        about = {"shop": shop_mark(owner.vault), "made_at": now, "revision": at}
        url = owner.settings.database_url.get_secret_value()
        data = await asyncio.to_thread(
            write_set, to.data, "data", lambda file: _dump(url, snapshot, file), **about, counts=rows
        )

    def write(file: Path) -> None:
        with file.open("w") as out:
            out.writelines(as_lines(keys))

    held = {"data_key": len(keys.keys), "tombstone": len(keys.stones)}
    kept = await asyncio.to_thread(write_set, to.keys, "keys", write, **about, counts=held)
    removed = await asyncio.to_thread(remove_old_keys, to.keys, before=now - owner.settings.key_backups_last)
    if owner.settings.tombstone_file is not None:
        await asyncio.to_thread(add_stones, owner.settings.tombstone_file, keys.stones)
    days = owner.settings.key_backup_days
    detail = f"data and keys apart; {held['data_key']} keys; key backups are kept {days:g} days, {removed} removed"
    async with owner.db.transaction() as tx:
        await record_control(tx, CONTROL, passed=True, detail=detail, now=now)
    return Backup(data=data, keys=kept, removed=removed)


def shop_mark(vault: Vault) -> str:
    """The same for all backups of one shop, whichever master key it has; says nothing about its keys."""
    return vault.blind_index("backup", "shop").hex()


def remove_old_keys(folder: Path, *, before: datetime) -> int:
    """How many there were. What was erased by then is unreadable in every backup of the data from here on."""
    old = [each for each in sets_in(folder, "keys") if each.manifest.instant < before]
    for each in old:
        remove_set(each)
    for half in (folder / "keys").glob(".*"):  # of a backup that was killed, or of a removal
        if half.stat().st_mtime < before.timestamp():
            shutil.rmtree(half)
    return len(old)


def _dump(url: str, snapshot: str, file: Path) -> None:
    without = [f"--exclude-table-data={table}" for table in KEY_TABLES]
    flags = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}"]
    run_client("pg_dump", [*flags, *without], url)


def run_client(name: str, flags: Sequence[str], url: str) -> None:
    """One of PostgreSQL's client programs. What it says may hold values, so only its last words' kind is told."""
    target = make_url(url)
    environment = {
        "PATH": os.defpath,
        "LC_ALL": "C",
        "PGHOST": target.host or "",
        "PGPORT": str(target.port or 5432),
        "PGUSER": target.username or "",
        "PGPASSWORD": str(target.password or ""),
        "PGDATABASE": target.database or "",
    }
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own program
        [str(postgres_client(name)), "--no-password", *flags],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
        raise CannotStart(f"{name} failed: {lines[0] if lines else 'it did not say why'}")


def places_of(data_dir: Path, *, data: Path | None, keys: Path | None, together: bool) -> Places:
    """Where a person wants backups, or where a shop of `./kale up` keeps its own.

    Raises CannotStart where nothing says where, or where both kinds would lie together and nobody said that they may.
    """
    keys = keys or (data if together else None)
    if configured_environment() and (data is None or keys is None):
        raise CannotStart(
            "say where backups of the data are and where those of the keys: this shop has no data folder."
        )
    own = Folder(path=data_dir.expanduser().absolute())
    places = Places(data=data or own.backups, keys=keys or own.key_backups)
    if not places.apart and not together:
        raise CannotStart(
            "whoever takes one folder would have data and keys: name another for the keys, best on another disk, "
            "or say --together."
        )
    return places
