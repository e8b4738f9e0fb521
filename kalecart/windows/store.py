"""All SQL that changes delivery windows, but for taking a place: that is part of placing an order."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.windows.tables import delivery_window
from kalecart.windows.window import DeliveryWindow

_FIELDS: Final = tuple(field.name for field in fields(DeliveryWindow))


async def add(tx: Tx, windows: Iterable[DeliveryWindow]) -> int:
    """Add those whose start is not there yet: as a rule all are, and somebody may be adding the same."""
    wanted = {window.starts_at: window for window in windows}
    there = sa.select(delivery_window.c.starts_at).where(delivery_window.c.starts_at >= min(wanted))
    for starts_at in await tx.scalars(there):
        wanted.pop(starts_at, None)
    if not wanted:
        return 0
    rows = [{name: getattr(window, name) for name in _FIELDS} for window in wanted.values()]
    added = await tx.execute(
        insert(delivery_window).on_conflict_do_nothing(index_elements=["starts_at"]).returning(delivery_window.c.id),
        rows,
    )
    return len(added.all())
