"""The file everything is kept in: one JSON line per transaction, appended and never changed.

A line is `[[kind, length, kind, length, …], body, body, …]`. The lengths let objects be read back straight from the
file, so memory holds only where each one is. A line is written with one call, which survives the death of the process;
what the machine's own death may cost is a torn last line, and that is cut off when the file is opened.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NewType, Self

# Where a body is: its offset, and in the low bits its length. One integer, because there are very many of them.
Place = NewType("Place", int)
LENGTH_BITS = 24
BODY_BYTES_MAX = (1 << LENGTH_BITS) - 1

Record = tuple[str, dict[str, Any]]


class JournalBroken(Exception):
    """The journal cannot be used."""


def encode(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


class Journal:
    """An open journal. Only one process may hold it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._end = 0

    @classmethod
    def open(cls, path: Path) -> Self:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise JournalBroken(f"{path} is in use by another stand-in") from error
        return cls(descriptor)

    @classmethod
    def nameless(cls) -> Self:
        """A journal that goes away with the process."""
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def replay(self) -> Iterator[list[tuple[str, Place, dict[str, Any]]]]:
        """Every transaction there is, oldest first; leaves the journal ready to be appended to."""
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                yield self._decode(line, number)
                self._end += len(line)
        os.ftruncate(self._descriptor, self._end)

    def append(self, records: Sequence[Record]) -> list[Place]:
        """Keep the records, all or none, and say where each one is."""
        bodies = [encode(body) for _, body in records]
        if max(map(len, bodies)) > BODY_BYTES_MAX:
            raise JournalBroken("a record is too long")
        head = encode([item for (kind, _), body in zip(records, bodies, strict=True) for item in (kind, len(body))])
        line = b"[" + b",".join([head, *bodies]) + b"]\n"
        places = self._places(len(head), [len(body) for body in bodies])
        self._write(line)
        self._end += len(line)
        return places

    def read(self, place: Place) -> bytes:
        return os.pread(self._descriptor, place & BODY_BYTES_MAX, place >> LENGTH_BITS)

    def close(self) -> None:
        os.close(self._descriptor)

    def _write(self, line: bytes) -> None:
        try:
            written = 0
            while written < len(line):
                written += os.pwrite(self._descriptor, line[written:], self._end + written)
        except OSError:
            # A full disk: half a line must not stay in front of the next whole one.
            os.ftruncate(self._descriptor, self._end)
            raise

    def _decode(self, line: bytes, number: int) -> list[tuple[str, Place, dict[str, Any]]]:
        try:
            head, *bodies = json.loads(line)
        except ValueError as error:
            raise JournalBroken(f"line {number} of the journal is damaged") from error
        places = self._places(len(encode(head)), head[1::2])
        return list(zip(head[::2], places, bodies, strict=True))

    def _places(self, head_length: int, lengths: Sequence[int]) -> list[Place]:
        places, offset = [], self._end + 1 + head_length + 1
        for length in lengths:
            places.append(Place(offset << LENGTH_BITS | length))
            offset += length + 1
        return places
