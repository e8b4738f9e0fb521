"""The tombstones once more, in a file outside the database: what is left when the whole database is put back.

A line of JSON for each, only ever added. It holds ids and instants, and belongs on another disk than the database's.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.tombstones import Tombstone, tombstones


def read_stones(file: Path | None) -> Sequence[Tombstone]:
    """None of them where there is no file yet. A last line that was cut short in a crash is no stone yet."""
    if file is None or not file.exists():
        return []
    return [_stone(line) for line in file.read_text().splitlines(keepends=True) if line.endswith("\n") and line.strip()]


def add_stones(file: Path, stones: Sequence[Tombstone]) -> int:
    """Add those that are missing, and be back when they are on the disk; how many those were."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # two workers may have the same to say
        known = {stone.person_id for stone in read_stones(file)}
        missing = [stone for stone in stones if stone.person_id not in known]
        if missing:
            _end_the_last_line(file, handle)
            out.writelines(_line(stone) for stone in missing)
            out.flush()
            os.fsync(handle)
    return len(missing)


async def keep_stones(held: tasks.Held | None, *, db: Database, clock: Clock, file: Path | None) -> None:
    """Bring the file up to the table; where none is set up, the stones are in the database and in backups only."""
    async with db.transaction() as tx:
        stones = await tombstones(tx)
    if file is not None:
        await asyncio.to_thread(add_stones, file, stones)
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())


def _end_the_last_line(file: Path, handle: int) -> None:
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        os.ftruncate(handle, content.rfind(b"\n") + 1)


def _line(stone: Tombstone) -> str:
    values = {"person_id": str(stone.person_id), "erased_at": stone.erased_at.isoformat(), "scope": stone.scope}
    return json.dumps(values) + "\n"


def _stone(line: str) -> Tombstone:
    values = json.loads(line)
    return Tombstone(
        person_id=UUID(values["person_id"]),
        erased_at=datetime.fromisoformat(values["erased_at"]),
        scope=values["scope"],
    )
