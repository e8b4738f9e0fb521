"""How the lines of the audit trail hang together: each seal is made of a line and of the seal before it.

A line is hashed as it comes back out of the database and never as it went in: PostgreSQL keeps microseconds and its own
order of a document's keys. Change one byte, and every seal from there on is another.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

# The first member of every hashed line. Another form of a line would be another word here.
FORM: Final = "kalecart audit 1"
GENESIS: Final = bytes(32)
# Made once: a walk writes every line of the trail.
_IN_ORDER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# A line reaches the database within seconds of its instant, whatever the machines' clocks think of each other. One that
# claims to be older than this beside what is sealed was put there by hand.
LATE_MAX: Final = timedelta(hours=1)


# Tuples, unlike other nouns: a walk makes two of them for every line there ever was.
class Written(NamedTuple):
    """A line of the trail as the database has it."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    act: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last link: how many there are, and its hash. `entry_at` is the latest instant among the sealed lines."""

    sequence: int = 0
    hash: bytes = GENESIS
    entry_at: datetime | None = None


class Link(NamedTuple):
    """A line's place in the chain. The line is None where it is gone."""

    sequence: int
    entry_id: UUID
    hash: bytes
    entry: Written | None = None


def hashed(previous: bytes, sequence: int, entry: Written) -> bytes:
    """The seal of a line after the one before it, 32 bytes."""
    return hashlib.sha256(previous + canonical(sequence, entry)).digest()


def canonical(sequence: int, entry: Written) -> bytes:
    """A line and its place as bytes, the same wherever they are made: its instant is a whole number of microseconds."""
    actor = str(entry.actor_id) if entry.actor_id else None
    instant = (entry.at - _EPOCH) // _MICROSECOND
    who = [entry.actor_kind, actor, entry.act, entry.subject_kind, entry.subject]
    members = [FORM, sequence, str(entry.id), instant, *who, dict(entry.detail)]
    return _IN_ORDER.encode(members).encode()


def extended(head: Head, entry: Written) -> tuple[Link, Head]:
    """The chain with one line more."""
    sequence = head.sequence + 1
    seal = hashed(head.hash, sequence, entry)
    latest = entry.at if head.entry_at is None else max(entry.at, head.entry_at)
    link = Link(sequence=sequence, entry_id=entry.id, hash=seal, entry=entry)
    return link, Head(sequence=sequence, hash=seal, entry_at=latest)


class FaultKind(StrEnum):
    """What can be wrong with the trail."""

    CHANGED = "changed"
    GONE = "gone"
    UNLINKED = "unlinked"
    INSERTED = "inserted"
    CUT = "cut"
    REWRITTEN = "rewritten"
    UNREADABLE = "unreadable"
    UNMARKED = "unmarked"


_SENTENCES: Final = {
    FaultKind.CHANGED: "is not what was sealed: edited, moved to another place or given another time",
    FaultKind.GONE: "was deleted: its seal is there, the line is not",
    FaultKind.UNLINKED: "has no seal any more: the chain jumps over it",
    FaultKind.INSERTED: "was put among older lines after they were sealed",
    FaultKind.CUT: "was there and was cut off, with whatever came after it",
    FaultKind.REWRITTEN: "has another seal than the mark outside the database: the trail was written anew before it",
    FaultKind.UNREADABLE: "cannot be read in the file of marks",
    FaultKind.UNMARKED: "is sealed, and the file of marks that should know of the chain is empty or gone",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One broken row, by its place in the chain; `entry_id` is the line's, where it is known."""

    kind: FaultKind
    sequence: int
    entry_id: UUID | None = None

    @property
    def sentence(self) -> str:
        """Such as `row 7 (0192…) was deleted: …`."""
        line = f" ({self.entry_id})" if self.entry_id else ""
        name = "a row after no other" if self.kind is FaultKind.INSERTED else f"row {self.sequence}"
        return f"{name}{line} {_SENTENCES[self.kind]}"


class Walk:
    """The chain from its beginning, link by link; afterwards `faults` says what was met, in order."""

    def __init__(self) -> None:
        self.head = Head()
        self.faults: list[Fault] = []

    def step(self, link: Link) -> None:
        expected = self.head.sequence + 1
        gap = link.sequence != expected
        if gap:
            # One fault for a gap, at its first row: naming each of a thousand would hide the others.
            self.faults.append(Fault(kind=FaultKind.UNLINKED, sequence=expected))
        if link.entry is None:
            self.faults.append(Fault(kind=FaultKind.GONE, sequence=link.sequence, entry_id=link.entry_id))
        elif not gap and hashed(self.head.hash, link.sequence, link.entry) != link.hash:
            self.faults.append(Fault(kind=FaultKind.CHANGED, sequence=link.sequence, entry_id=link.entry_id))
        # From here on the kept hash counts, so that one changed row is one fault and not all after it.
        self.head = Head(sequence=link.sequence, hash=link.hash)

    def end(self, head: Head) -> None:
        """`head` is what the database believes the end to be."""
        if head.sequence > self.head.sequence:
            self.faults.append(Fault(kind=FaultKind.CUT, sequence=self.head.sequence + 1))
        elif (head.sequence, head.hash) != (self.head.sequence, self.head.hash):
            self.faults.append(Fault(kind=FaultKind.CHANGED, sequence=self.head.sequence))
