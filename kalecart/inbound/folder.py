"""A folder into which a mail server, or a person, drops one file `*.eml` for each message.

A file is written under another name and renamed once it is whole: what does not end in `.eml` is not looked at.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kalecart.complaints.complaint import WHOLE_BYTES_MAX
from kalecart.inbound.mailbox import MailboxAway
from kalecart.inbound.parcel import BEGINNING_BYTES, Parcel

ENDING: Final = ".eml"
ASIDE: Final = "unread"


class FolderMailbox:
    """`asked` for anew each time: there is nothing to hold on to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["FolderMailbox"]:
        yield self

    async def waiting(self, most: int) -> Sequence[str]:
        with _translated():
            return await asyncio.to_thread(self._names, most)

    async def take(self, name: str) -> Parcel | None:
        with _translated():
            return await asyncio.to_thread(self._read, name)

    async def remove(self, name: str) -> None:
        with _translated():
            await asyncio.to_thread((self._path / name).unlink, missing_ok=True)

    async def set_aside(self, name: str) -> None:
        with _translated():
            await asyncio.to_thread(self._move, name)

    def _names(self, most: int) -> list[str]:
        with os.scandir(self._path) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
                for entry in entries
                if entry.name.endswith(ENDING) and entry.is_file(follow_symlinks=False)
            ]
        return [name for _, name in sorted(found)[:most]]

    def _read(self, name: str) -> Parcel | None:
        try:
            with (self._path / name).open("rb") as file:
                facts = os.fstat(file.fileno())
                whole = facts.st_size <= WHOLE_BYTES_MAX
                content = file.read(facts.st_size if whole else BEGINNING_BYTES)
        except FileNotFoundError:
            return None
        arrived_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        return Parcel(name=name, arrived_at=arrived_at, certain=False, whole=whole, content=content)

    def _move(self, name: str) -> None:
        aside = self._path / ASIDE
        aside.mkdir(mode=0o700, exist_ok=True)
        place, tries = aside / name, 1
        while place.exists():
            place, tries = aside / f"{tries}-{name}", tries + 1
        with suppress(FileNotFoundError):  # another run was faster
            (self._path / name).rename(place)


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise MailboxAway(f"The folder cannot be used: {type(error).__name__}.") from None
