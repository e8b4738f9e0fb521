"""Prove the audit trail: walk the chain, and hold it against the marks outside the database (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.trail import reads
from kalecart.trail.anchors import Anchor, AnchorsUnreadable, anchors_in, that_count
from kalecart.trail.chain import Fault, FaultKind, Head, Walk

# Sealed every two seconds; longer than this without a seal, and nobody seals.
SEALED_WITHIN: Final = timedelta(minutes=10)
FAULTS_MAX: Final = 20


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a walk found. `anchored` counts the marks that were compared; without one, a tail that was cut off and a
    trail that was written anew from its beginning cannot be told from a true one."""

    head: Head
    anchored: int
    last_anchor: datetime | None
    unsealed: reads.Unsealed
    overdue: bool
    faults: Sequence[Fault]

    @property
    def well(self) -> bool:
        return not self.faults and not self.overdue


async def verify(*, db: Database, clock: Clock, anchor_file: Path | None) -> Report:
    """Walk the whole trail at one instant. Faults are in the order of the chain, at most `FAULTS_MAX`."""
    # Read before the walk: a mark left meanwhile could name a row that the walk does not see.
    marks, unreadable = _marks(anchor_file)
    compared: dict[int, set[bytes]] = {}
    for mark in marks:
        compared.setdefault(mark.sequence, set()).add(mark.hash)
    walk = Walk()
    rewritten: list[Fault] = []
    async with db.snapshot() as tx:
        head = await reads.head_of(tx)
        async for link in reads.links(tx):
            walk.step(link)
            if compared.get(link.sequence, {link.hash}) != {link.hash}:
                rewritten.append(Fault(kind=FaultKind.REWRITTEN, sequence=link.sequence, entry_id=link.entry_id))
        walk.end(head)
        unsealed = await reads.waiting(tx)
        inserted = await reads.inserted(tx, head, most=FAULTS_MAX)
    found = dict.fromkeys([*walk.faults, *rewritten, *_cut(marks, walk.head)])
    faults = sorted(found, key=lambda fault: fault.sequence)
    if anchor_file is not None and not marks and not unreadable and walk.head.sequence:
        faults.append(Fault(kind=FaultKind.UNMARKED, sequence=walk.head.sequence))
    faults += [Fault(kind=FaultKind.INSERTED, sequence=0, entry_id=entry_id) for entry_id in inserted]
    return Report(
        head=walk.head,
        anchored=len(marks),
        last_anchor=marks[-1].at if marks else None,
        unsealed=unsealed,
        overdue=unsealed.oldest is not None and clock.now() - unsealed.oldest > SEALED_WITHIN,
        faults=[*unreadable, *faults][:FAULTS_MAX],
    )


def _marks(anchor_file: Path | None) -> tuple[list[Anchor], list[Fault]]:
    if anchor_file is None:
        return [], []
    try:
        return that_count(anchors_in(anchor_file)), []
    except AnchorsUnreadable as error:
        return [], [Fault(kind=FaultKind.UNREADABLE, sequence=error.number)]


def _cut(marks: Sequence[Anchor], end: Head) -> list[Fault]:
    """The first row that is not there any more, where a mark knows of one."""
    beyond = any(mark.sequence > end.sequence for mark in marks)
    return [Fault(kind=FaultKind.CUT, sequence=end.sequence + 1)] if beyond else []
