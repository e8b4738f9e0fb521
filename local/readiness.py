"""How to see from outside that a process can be used."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from local.ports import HOST

Ready = Callable[[], Awaitable[None]]
READY_WORD: Final = b'_ready"'


class NotReady(Exception):
    """It runs, and cannot be used yet."""


def all_of(*each: Ready) -> Ready:
    """One after the other."""

    async def ready() -> None:
        for one in each:
            await one()

    return ready


def answers(port: int, path: str) -> Ready:
    """A GET is answered 200, by whoever has the port: who it is has to say so itself.

    By hand, because an HTTP client would be the largest thing the supervisor imports.
    """

    async def ready() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode())
            if b" 200 " not in await reader.readline():
                raise NotReady(path)
        finally:
            writer.close()

    return ready


class SaysReady:
    """A process logs an event such as `worker_ready` when it works, or another word."""

    def __init__(self, log: Path, word: bytes = READY_WORD) -> None:
        self._log = log
        self._word = word
        self._from = 0

    async def begin(self) -> None:
        """Before the process starts: what an earlier one said does not count."""
        self._from = self._log.stat().st_size if self._log.exists() else 0

    async def ready(self) -> None:
        with self._log.open("rb") as log:
            if self._log.stat().st_size >= self._from:  # otherwise it was cut meanwhile, and all of it is new
                log.seek(self._from)
            if self._word not in log.read():
                raise NotReady(self._log.stem)
