"""The shop's mailbox, a folder: what was put into it, and whether the shop can get at it."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from kalecart.inbound.folder import ENDING, FolderMailbox
from kalecart.inbound.mailbox import MailboxAway
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.parcel import Parcel

# How often the shop loses its mailbox after it has written down what a message was, and before it has removed it.
LET_GO: Final = 0.03


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A message that reached the mailbox; what may come of it, and the letter of ours that it is about."""

    at: datetime
    content: bytes = field(repr=False)
    may_be: frozenset[Outcome]
    letter: UUID | None = None


@dataclass
class Mailbag:
    """A mailbox as a worker asks for it. `writers` says who wrote what arrived at an instant."""

    folder: Path
    chance: Random
    away: bool = False
    breaks: float = LET_GO
    dropped: list[Dropped] = field(default_factory=list)
    writers: dict[datetime, str] = field(default_factory=dict)
    _files: int = 0

    def drop(self, message: Dropped, *, copies: int = 1) -> None:
        """Some servers deliver twice."""
        self.dropped.append(message)
        for _ in range(copies):
            self._files += 1
            path = self.folder / f"{self._files:06}"
            path.write_bytes(message.content)
            os.utime(path, (message.at.timestamp(), message.at.timestamp()))
            path.rename(path.with_suffix(ENDING))

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["_Pile"]:
        if self.away:
            raise MailboxAway("Nobody opens.")
        yield _Pile(FolderMailbox(self.folder), self.chance, self.breaks)


@dataclass
class _Pile:
    """What waits, over a connection that breaks now and then."""

    real: FolderMailbox
    chance: Random
    breaks: float

    async def waiting(self, most: int) -> Sequence[str]:
        return await self.real.waiting(most)

    async def take(self, name: str) -> Parcel | None:
        return await self.real.take(name)

    async def remove(self, name: str) -> None:
        if self.chance.random() < self.breaks:
            raise MailboxAway("The connection is lost.")
        await self.real.remove(name)

    async def set_aside(self, name: str) -> None:
        await self.real.set_aside(name)
