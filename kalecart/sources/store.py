"""All SQL that quarantines and destroys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CorrespondentId, StaffId
from kalecart.sources.source import SourceId, Unconsented
from kalecart.sources.tables import quarantine, unconsented_source
from kalecart.vault import data_key

_S = unconsented_source.c


async def add(tx: Tx, source: Unconsented, *, recorded_by: StaffId | None, content: bytes | None) -> None:
    """`content` is sealed."""
    await tx.execute(
        sa.insert(unconsented_source).values(
            id=source.id,
            channel=source.channel.value,
            sender_id=source.sender_id,
            received_at=source.received_at,
            recorded_at=source.recorded_at,
            recorded_by=recorded_by,
            size_bytes=source.size_bytes,
            destroy_by=source.destroy_by,
        )
    )
    if content is not None:
        await tx.execute(sa.insert(quarantine).values(source_id=source.id, content=content))


async def recorded(tx: Tx, source_id: SourceId) -> tuple[str, CorrespondentId | None, int] | None:
    """How what is on record under this number came, from whom, and how big it was."""
    mine = sa.select(_S.channel, _S.sender_id, _S.size_bytes).where(_S.id == source_id)
    row = (await tx.execute(mine)).one_or_none()
    return (row.channel, row.sender_id, row.size_bytes) if row else None


async def is_anothers(tx: Tx, source_id: SourceId) -> bool:
    """Whether this is somebody's number already: what is under it must not be destroyed as if it had come in here."""
    known = sa.exists().where(data_key.c.customer_id == source_id)
    return await tx.scalar(sa.select(known & ~sa.exists().where(_S.id == source_id))) is True


async def sent_before(tx: Tx, sender_id: CorrespondentId) -> int:
    """How often somebody has sent such things."""
    count = sa.select(sa.func.count()).select_from(unconsented_source).where(_S.sender_id == sender_id)
    return int(await tx.scalar(count) or 0)


async def take_due(tx: Tx, *, now: datetime, most: int) -> Sequence[SourceId]:
    """What is to be destroyed by now, locked; what somebody else destroys at the moment is left to them."""
    due = sa.select(_S.id).where(_S.destroyed_at.is_(None), _S.destroy_by <= now)
    rows = await tx.scalars(due.order_by(_S.destroy_by).limit(most).with_for_update(skip_locked=True))
    return [SourceId(row) for row in rows]


async def take(tx: Tx, source_id: SourceId) -> bool:
    """Whether it is there to be destroyed, locked."""
    mine = sa.select(_S.id).where(_S.id == source_id, _S.destroyed_at.is_(None)).with_for_update()
    return await tx.scalar(mine) is not None


async def sealed(tx: Tx, source_id: SourceId) -> bool:
    """Whether there is content, and with it a key of its own."""
    return await tx.scalar(sa.select(sa.exists().where(quarantine.c.source_id == source_id))) is True


async def destroy(tx: Tx, ids: Sequence[UUID], *, now: datetime) -> None:
    """Throw the content away; the record that it came and went stays."""
    await tx.execute(sa.delete(quarantine).where(quarantine.c.source_id.in_(ids)))
    await tx.execute(sa.update(unconsented_source).where(_S.id.in_(ids)).values(destroyed_at=now))
