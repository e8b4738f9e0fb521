"""What the console shows of what reached us without consent: that it came and went, never what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CorrespondentId
from kalecart.sources.source import Channel, SourceId, Unconsented
from kalecart.sources.tables import unconsented_source

_S = unconsented_source.c


@dataclass(frozen=True, kw_only=True)
class Held:
    """One line of the list. `notice` is the state of the letter that tells the sender to stop, None where unknown."""

    source: Unconsented
    notice: str | None
    times: int


_LINES = sa.text("""
    SELECT s.*, m.state AS notice,
           (SELECT count(*) FROM unconsented_source AS o WHERE o.sender_id = s.sender_id) AS times
      FROM unconsented_source AS s
      LEFT JOIN mail AS m ON m.kind = 'cease_notice' AND m.subject_id = s.sender_id
     ORDER BY s.recorded_at DESC, s.id DESC LIMIT :most
""")


async def quarantined(tx: Tx, *, most: int) -> Sequence[Held]:
    """The latest first."""
    rows = (await tx.execute(_LINES, {"most": most})).mappings()
    return [Held(source=_source(row), notice=row["notice"], times=row["times"]) for row in rows]


async def is_held(tx: Tx, source_id: SourceId) -> bool:
    mine = sa.select(_S.id).where(_S.id == source_id, _S.destroyed_at.is_(None))
    return await tx.scalar(mine) is not None


async def overdue(tx: Tx, *, now: datetime) -> int:
    """How many should have been destroyed and were not."""
    late = sa.select(sa.func.count()).select_from(unconsented_source)
    return int(await tx.scalar(late.where(_S.destroyed_at.is_(None), _S.destroy_by < now)) or 0)


def _source(row: sa.RowMapping) -> Unconsented:
    sender = row["sender_id"]
    return Unconsented(
        id=SourceId(row["id"]),
        channel=Channel(row["channel"]),
        sender_id=CorrespondentId(sender) if sender else None,
        received_at=row["received_at"],
        recorded_at=row["recorded_at"],
        size_bytes=row["size_bytes"],
        destroy_by=row["destroy_by"],
        destroyed_at=row["destroyed_at"],
    )
