"""What the stockroom sees, as the role that sees nothing else: three views without a person in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.clock import SHOP_ZONE
from kalecart.database import Tx
from kalecart.ids import WindowId
from kalecart.stockroom.picking import Busy, Line, PickingList
from kalecart.stockroom.sales import Hours, Sales, Sold
from kalecart.stockroom.shelf import SEEN_DAYS, Shelf, days_seen


async def become_stockroom(tx: Tx) -> None:
    """Give up every other right until this transaction ends."""
    await tx.execute(sa.text("SET LOCAL ROLE kale_stockroom"))


_SHELVES: Final = sa.text("""
    SELECT shelf.sku, shelf.name, shelf.aisle, shelf.on_hand, coalesce(sold.units, 0)::integer AS sold,
           min(sold.first_day) OVER () AS first_day
      FROM shelf_seen AS shelf
      LEFT JOIN (SELECT sku, sum(units) AS units, min(day) AS first_day FROM sold_seen
                  WHERE day > :before AND day <= :today GROUP BY sku) AS sold ON sold.sku = shelf.sku
     ORDER BY shelf.position, shelf.sku
""").bindparams(sa.bindparam("before", type_=sa.Date), sa.bindparam("today", type_=sa.Date))


_SHELF: Final = ("sku", "name", "aisle", "on_hand", "sold")


async def shelves(tx: Tx, *, today: date) -> Sequence[Shelf]:
    """Everything in the catalogue, as the shelves stand, with what was sold of it lately."""
    rows = (await tx.execute(_SHELVES, _lately(today))).mappings().all()
    first: date | None = rows[0]["first_day"] if rows else None
    days = days_seen((today - first).days + 1 if first else None)
    facts: Sequence[dict[str, Any]] = [{name: row[name] for name in _SHELF} for row in rows]
    return [Shelf(**fact, days=days) for fact in facts]


_SOLD: Final = sa.text("""
    SELECT sku, extract(isodow FROM starts_at AT TIME ZONE :zone)::integer AS weekday,
           (starts_at AT TIME ZONE :zone)::time AS starts, (ends_at AT TIME ZONE :zone)::time AS ends,
           sum(units)::integer AS units
      FROM sold_seen WHERE day > :before AND day <= :today GROUP BY sku, weekday, starts, ends
""").bindparams(sa.bindparam("before", type_=sa.Date), sa.bindparam("today", type_=sa.Date))
_NAMES: Final = sa.text("SELECT sku, name FROM shelf_seen ORDER BY name, sku")


async def sales(tx: Tx, *, today: date) -> Sales:
    """What was sold lately, by product and window."""
    names = {row.sku: row.name for row in await tx.execute(_NAMES)}
    rows = await tx.execute(_SOLD, _lately(today) | {"zone": SHOP_ZONE.key})
    return Sales(
        names=names,
        sold=[
            Sold(sku=row.sku, weekday=row.weekday, hours=Hours(row.starts, row.ends), units=row.units) for row in rows
        ],
    )


_BUSY: Final = sa.text("""
    SELECT window_id AS id, starts_at, ends_at, count(DISTINCT order_number) AS orders,
           count(DISTINCT order_number) FILTER (WHERE begun) AS begun, sum(units)::integer AS units
      FROM to_pick_seen WHERE starts_at > :since GROUP BY window_id, starts_at, ends_at ORDER BY starts_at
""").bindparams(sa.bindparam("since", type_=sa.DateTime(timezone=True)))


async def busy(tx: Tx, *, since: datetime) -> Sequence[Busy]:
    """Windows that begin after `since` and have orders to pick, the next one first."""
    return [Busy(**row) for row in (await tx.execute(_BUSY, {"since": since})).mappings()]


_TO_PICK: Final = sa.text("""
    SELECT starts_at, ends_at, order_number, begun, sku, name, aisle, position, units
      FROM to_pick_seen WHERE window_id = :window_id ORDER BY position, sku, order_number
""").bindparams(sa.bindparam("window_id", type_=sa.Uuid))


async def picking_list(tx: Tx, window_id: WindowId) -> PickingList | None:
    """What is to be picked for a window; None where nothing is."""
    rows = [dict(row) for row in (await tx.execute(_TO_PICK, {"window_id": window_id})).mappings()]
    if not rows:
        return None
    spans = [(row.pop("starts_at"), row.pop("ends_at")) for row in rows]
    return PickingList(id=window_id, starts_at=spans[0][0], ends_at=spans[0][1], lines=[Line(**row) for row in rows])


def _lately(today: date) -> dict[str, Any]:
    return {"before": date.fromordinal(today.toordinal() - SEEN_DAYS), "today": today}
