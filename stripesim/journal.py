"""The file everything is kept in: one JSON line per transaction, appended and never changed.

A line is `[[kind, id, notes, length, …], body, body, …]`. The lengths let objects be read back straight from the file,
so memory holds only where each one is; the notes are what the index wants to know, so a start reads no bodies. A line
is written with one call, which survives the death of the process; what the machine's own death may cost is a torn
last line, and that is cut off when the file is opened.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NewType, Self

# Where a body is: its offset, and in the low bits its length. One integer, because there are very many of them.
Place = NewType("Place", int)
LENGTH_BITS = 24
BODY_BYTES_MAX = (1 << LENGTH_BITS) - 1
FIELDS = 4  # of each record, in the head of its line


@dataclass(frozen=True, slots=True)
class Record:
    """One body to be kept, and what is noted of it for the index."""

    kind: str
    body: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a record without reading it."""

    kind: str
    id: str
    notes: Sequence[str]
    place: Place

    @property
    def length(self) -> int:
        return self.place & BODY_BYTES_MAX


class JournalBroken(Exception):
    """The journal cannot be used."""


DECODER = json.JSONDecoder()


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
        if os.fstat(descriptor).st_ino != path.stat().st_ino:
            os.close(descriptor)
            raise JournalBroken(f"{path} was replaced by another stand-in just now")
        return cls(descriptor)

    @classmethod
    def nameless(cls) -> Self:
        """A journal that goes away with the process."""
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def replay(self) -> Iterator[Entry]:
        """Every record there is, oldest first; leaves the journal ready to be appended to."""
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                yield from self._entries(line, number)
                self._end += len(line)
        os.ftruncate(self._descriptor, self._end)

    def append(self, records: Sequence[Record]) -> list[Entry]:
        """Keep the records, all or none, and say where each one is."""
        return self._append([(each.kind, each.body["id"], each.notes, encode(each.body)) for each in records])

    def copy(self, entries: Sequence[Entry], source: "Journal") -> None:
        """Keep what another journal has, as it is there."""
        self._append([(each.kind, each.id, each.notes, source.read(each.place)) for each in entries])

    def _append(self, kept: Sequence[tuple[str, str, Sequence[str], bytes]]) -> list[Entry]:
        bodies = [body for *_, body in kept]
        if max(map(len, bodies)) > BODY_BYTES_MAX:
            raise JournalBroken("a record is too long")
        head: list[Any] = []
        for kind, ident, notes, body in kept:
            head += (kind, ident, notes, len(body))
        written = encode(head)
        line = b"[" + b",".join([written, *bodies]) + b"]\n"
        entries = list(self._located(head, 1 + len(written)))
        self._write(line)
        self._end += len(line)
        return entries

    def read(self, place: Place) -> bytes:
        return os.pread(self._descriptor, place & BODY_BYTES_MAX, place >> LENGTH_BITS)

    def put_in_place(self, path: Path, destination: Path) -> None:
        """Give this journal, which is at `path`, the name of another; the machine may die at any moment of it."""
        os.fsync(self._descriptor)
        path.replace(destination)

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

    def _entries(self, line: bytes, number: int) -> Iterator[Entry]:
        try:
            head, end = DECODER.raw_decode(line.decode("ascii"), 1)
            length = end + sum(head[FIELDS - 1 :: FIELDS]) + len(head) // FIELDS + len("]\n")
        except (ValueError, TypeError):
            head, end, length = [], 0, None
        if length != len(line):
            raise JournalBroken(f"line {number} of the journal is damaged")
        return self._located(head, end)

    def _located(self, head: Sequence[Any], head_end: int) -> Iterator[Entry]:
        offset = self._end + head_end + 1
        for at in range(0, len(head), FIELDS):
            kind, ident, notes, length = head[at : at + FIELDS]
            yield Entry(kind, ident, notes, Place(offset << LENGTH_BITS | length))
            offset += length + 1
