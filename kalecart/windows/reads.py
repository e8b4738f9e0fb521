"""Delivery windows as shoppers see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.windows.tables import delivery_window
from kalecart.windows.window import WindowOffer

OFFERED_MAX: Final = 24

_w = delivery_window.c
_OFFERED: Final = (
    sa.select(_w.id, _w.starts_at, _w.ends_at, _w.cutoff_at, (_w.capacity - _w.taken).label("left"))
    .where(_w.cutoff_at > sa.bindparam("now", type_=sa.DateTime(timezone=True)))
    .order_by(_w.starts_at)
    .limit(OFFERED_MAX)
)


async def offered(tx: Tx, *, now: datetime) -> Sequence[WindowOffer]:
    """The next windows whose cut-off has not passed, full ones included (they are shown as full)."""
    return [WindowOffer(**row._mapping) for row in await tx.execute(_OFFERED, {"now": now})]  # noqa: SLF001  # a Row's public name for its mapping
