"""All SQL of files of figures. What a file says is written by a role that can read releases and nothing else (C6)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.figures.export import Export, Format
from kalecart.figures.tables import figures_export as export
from kalecart.ids import StaffId

# Whoever writes a file becomes this role first: from then on no other table can be read in the transaction.
_WRITER: Final = sa.text("SET LOCAL ROLE kale_export")
_ONESELF: Final = sa.text("RESET ROLE")

# All but what the file says.
_SHOWN: Final = sa.select(
    export.c.id,
    export.c.releases,
    export.c.format,
    export.c.asked_by,
    export.c.asked_at,
    export.c.expires_at,
    export.c.made_at,
    export.c.refused,
    export.c.lines,
    export.c.bytes,
    export.c.sha256,
)


async def become_writer(tx: Tx) -> None:
    await tx.execute(_WRITER)


async def become_oneself(tx: Tx) -> None:
    await tx.execute(_ONESELF)


async def add(tx: Tx, asked: Export) -> None:
    row = {
        "id": asked.id,
        "releases": list(asked.releases),
        "format": asked.format.value,
        "asked_by": asked.asked_by,
        "asked_at": asked.asked_at,
        "expires_at": asked.expires_at,
    }
    await tx.execute(sa.insert(export).values(**row))


async def asked_for(tx: Tx, export_id: UUID) -> tuple[Sequence[str], Format] | None:
    """The releases a file is to hold and how it is written; None where it is made already or was never asked for."""
    wanted = sa.select(export.c.releases, export.c.format).where(export.c.id == export_id, export.c.made_at.is_(None))
    row = (await tx.execute(wanted)).one_or_none()
    return (row.releases, Format(row.format)) if row is not None else None


async def write(tx: Tx, export_id: UUID, content: bytes, *, lines: int, now: datetime) -> None:
    digest = hashlib.sha256(content).digest()
    values = {"content": content, "sha256": digest, "bytes": len(content), "lines": lines, "made_at": now}
    await tx.execute(sa.update(export).where(export.c.id == export_id, export.c.made_at.is_(None)).values(**values))


async def refuse(tx: Tx, export_id: UUID, *, reason: str, now: datetime) -> None:
    """`reason` is a code."""
    values = {"refused": reason, "made_at": now}
    await tx.execute(sa.update(export).where(export.c.id == export_id, export.c.made_at.is_(None)).values(**values))


async def find(tx: Tx, export_id: UUID) -> Export | None:
    row = (await tx.execute(_SHOWN.where(export.c.id == export_id))).one_or_none()
    return _export(row) if row is not None else None


async def content(tx: Tx, export_id: UUID) -> bytes | None:
    return await tx.scalar(sa.select(export.c.content).where(export.c.id == export_id))


async def latest(tx: Tx, *, most: int) -> Sequence[Export]:
    """The files asked for, the latest first."""
    rows = await tx.execute(_SHOWN.order_by(export.c.asked_at.desc(), export.c.id.desc()).limit(most))
    return [_export(row) for row in rows]


async def let_go(tx: Tx, *, now: datetime) -> int:
    """Empty the files whose time is over; that they were made stays on record."""
    over = sa.update(export).where(export.c.expires_at < now, export.c.content.is_not(None)).values(content=None)
    return (await tx.execute(over)).rowcount


def _export(row: sa.Row) -> Export:
    return Export(
        id=row.id,
        releases=row.releases,
        format=Format(row.format),
        asked_by=StaffId(row.asked_by),
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        made_at=row.made_at,
        refused=row.refused,
        lines=row.lines,
        size_bytes=row.bytes,
        sha256=row.sha256,
    )
