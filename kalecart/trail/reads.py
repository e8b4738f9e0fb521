"""The trail as whoever proves it reads it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.database import Tx
from kalecart.trail.chain import LATE_MAX, Head, Link
from kalecart.trail.store import ENTRY_COLUMNS, written
from kalecart.trail.tables import audit_head, audit_link

PAGE: Final = 2_000

_h = audit_head.c
_l = audit_link.c
_e = audit_entry.c
_WITHOUT_SEAL: Final = ~sa.exists().where(_l.entry_id == _e.id)


async def head_of(tx: Tx) -> Head:
    """Where the database believes the chain to end; a missing row is a chain without a link."""
    row = (await tx.execute(sa.select(_h.sequence, _h.hash, _h.entry_at))).mappings().one_or_none()
    return Head(**row) if row else Head()


async def links(tx: Tx) -> AsyncIterator[Link]:
    """Every link in its order with its line, in pages: the trail is longer than memory."""
    after = 0
    while True:
        page = (
            sa.select(_l.sequence, _l.entry_id, _l.hash, *ENTRY_COLUMNS)
            .outerjoin(audit_entry, _e.id == _l.entry_id)
            .where(_l.sequence > after)
            .order_by(_l.sequence)
            .limit(PAGE)
        )
        rows = (await tx.execute(page)).all()
        for sequence, entry_id, seal, *line in rows:
            entry = written(line) if line[0] is not None else None
            yield Link(sequence=sequence, entry_id=entry_id, hash=seal, entry=entry)
        if len(rows) < PAGE:
            return
        after = rows[-1].sequence


@dataclass(frozen=True, kw_only=True)
class Unsealed:
    """Lines that wait for their seal."""

    count: int
    oldest: datetime | None


async def waiting(tx: Tx) -> Unsealed:
    row = (await tx.execute(sa.select(sa.func.count(), sa.func.min(_e.at)).where(_WITHOUT_SEAL))).one()
    return Unsealed(count=row[0], oldest=row[1])


async def inserted(tx: Tx, head: Head, *, most: int) -> list[UUID]:
    """Lines without a seal that claim to be older than sealed ones by more than machines can be late."""
    if head.entry_at is None:
        return []
    rows = sa.select(_e.id).where(_WITHOUT_SEAL, _e.at <= head.entry_at - LATE_MAX).order_by(_e.at, _e.id).limit(most)
    return list((await tx.execute(rows)).scalars())
