"""All SQL that changes delivery windows, but for taking a place: that is part of placing an order."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.windows.tables import delivery_window
from kalecart.windows.window import DeliveryWindow


async def add(tx: Tx, windows: Iterable[DeliveryWindow]) -> int:
    """Add those whose start is not there yet."""
    rows = [asdict(window) for window in windows]
    added = await tx.execute(
        insert(delivery_window).on_conflict_do_nothing(index_elements=["starts_at"]).returning(delivery_window.c.id),
        rows,
    )
    return len(added.all())
