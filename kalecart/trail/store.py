"""All SQL that extends the chain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.database import Tx
from kalecart.trail.chain import LATE_MAX, Head, Link, Written
from kalecart.trail.tables import audit_head, audit_link

_e = audit_entry.c
ENTRY_COLUMNS = tuple(_e[name] for name in Written._fields)
_h = audit_head.c


async def lock_head(tx: Tx) -> Head | None:
    """The end of the chain, nobody else's until the transaction ends; None while somebody else has it."""
    end = sa.select(_h.sequence, _h.hash, _h.entry_at).with_for_update(skip_locked=True)
    row = (await tx.execute(end)).mappings().one_or_none()
    return Head(**row) if row else None


async def unsealed(tx: Tx, head: Head, *, most: int, now: datetime) -> Sequence[Written]:
    """Lines without a seal in their order, but for those whose time cannot be true: these are left for people to see.

    Asked after the head was locked, in a statement of its own, which therefore sees what the holder before us sealed.
    """
    rows = (
        sa.select(*ENTRY_COLUMNS)
        .outerjoin(audit_link, audit_link.c.entry_id == _e.id)
        .where(audit_link.c.entry_id.is_(None), _e.at < now + LATE_MAX)
        .order_by(_e.at, _e.id)
        .limit(most)
    )
    if head.entry_at is not None:
        rows = rows.where(_e.at > head.entry_at - LATE_MAX)
    return [written(row) for row in await tx.execute(rows)]


def written(line: Sequence[Any]) -> Written:
    """A line by its values in the order of `ENTRY_COLUMNS`."""
    return Written._make(line)


async def extend(tx: Tx, links: Sequence[Link], head: Head) -> None:
    """Add links and move the head, which the caller has locked, behind them."""
    rows = [{"sequence": link.sequence, "entry_id": link.entry_id, "hash": link.hash} for link in links]
    await tx.execute(sa.insert(audit_link), rows)
    await tx.execute(sa.update(audit_head).values(sequence=head.sequence, hash=head.hash, entry_at=head.entry_at))
