"""Marks of the chain outside the database: whoever may rewrite every row cannot rewrite these too.

One line of JSON for each, appended and flushed, never changed. They are worth what their place is worth: storage that
is written once, or a copy that somebody else keeps.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kalecart.trail.chain import Head

# A line is about 150 bytes long.
END_BYTES: Final = 2_000


class AnchorsUnreadable(Exception):
    """A line of the file of marks is none. Carries its number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number}")
        self.number = number


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """That the chain had so many links at an instant, and ended with this hash.

    `restored` says that a backup was put back then: what later rows there were is known to be lost.
    """

    at: datetime
    sequence: int
    hash: bytes
    restored: bool = False

    @classmethod
    def of(cls, head: Head, *, now: datetime, restored: bool = False) -> "Anchor":
        return cls(at=now, sequence=head.sequence, hash=head.hash, restored=restored)

    def line(self) -> str:
        told = {"at": self.at.isoformat(), "sequence": self.sequence, "hash": self.hash.hex()}
        return json.dumps(told | ({"restored": True} if self.restored else {})) + "\n"


def parsed(line: str) -> Anchor:
    """Raises ValueError, KeyError, TypeError."""
    told = json.loads(line)
    at, sequence = datetime.fromisoformat(told["at"]), int(told["sequence"])
    return Anchor(at=at, sequence=sequence, hash=bytes.fromhex(told["hash"]), restored=told.get("restored") is True)


def anchors_in(file: Path) -> Sequence[Anchor]:
    """All marks, the oldest first; none where there is no file. Raises AnchorsUnreadable.

    An end without its line break is what a machine that lost its power leaves, and says nothing.
    """
    if not file.exists():
        return []
    *whole, _cut_short = file.read_text(encoding="ascii", errors="replace").split("\n")
    found = []
    for number, line in enumerate(whole, start=1):
        try:
            found.append(parsed(line))
        except (ValueError, KeyError, TypeError):
            raise AnchorsUnreadable(number) from None
    return found


def last_anchor(file: Path) -> Anchor | None:
    """The youngest mark; None where there is none, or where that line is unreadable. Reads no more than the end."""
    if not file.exists():
        return None
    with file.open("rb") as marks:
        marks.seek(max(marks.seek(0, os.SEEK_END) - END_BYTES, 0))
        *_, last, _cut_short = ["", *marks.read().decode("ascii", errors="replace").split("\n")]
    try:
        return parsed(last)
    except (ValueError, KeyError, TypeError):
        return None


def add_anchor(file: Path, anchor: Anchor) -> None:
    """Append one and have it on the disk before going on. Several processes may; one line is one write."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, anchor.line().encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def that_count(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Without those of rows that a backup put back later no longer had."""
    kept: list[Anchor] = []
    ends_at: int | None = None
    for anchor in reversed(anchors):
        if ends_at is None or anchor.sequence <= ends_at:
            kept.append(anchor)
        if anchor.restored:
            ends_at = anchor.sequence if ends_at is None else min(ends_at, anchor.sequence)
    return kept[::-1]
