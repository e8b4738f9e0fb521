"""What the stockroom sees, as the role that sees nothing else: three views without a person in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.clock import SHOP_ZONE
from kalecart.database import Tx
from kalecart.ids import WindowId
from kalecart.stockroom.picking import Busy, Line, PickingList
from kalecart.stockroom.sales import Hours, OfProduct, OfWindow, Sales
from kalecart.stockroom.shelf import SEEN_DAYS, Shelf, days_seen

PRODUCTS_MAX: Final = 500


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


_LOCAL: Final = f"""
    SELECT sold.sku, sold.units, extract(isodow FROM sold.starts_at AT TIME ZONE '{SHOP_ZONE.key}')::integer AS weekday,
           (sold.starts_at AT TIME ZONE '{SHOP_ZONE.key}')::time AS starts,
           (sold.ends_at AT TIME ZONE '{SHOP_ZONE.key}')::time AS ends
      FROM sold_seen AS sold WHERE day > :before AND day <= :today
"""  # noqa: S608  # the name of the shop's own zone
_BY_WINDOW: Final = f"""
    SELECT weekday, starts, ends, sum(units)::integer AS units FROM ({_LOCAL}) AS sold
     WHERE (CAST(:sku AS text) IS NULL OR sku = :sku) GROUP BY weekday, starts, ends ORDER BY weekday, starts
"""  # noqa: S608
_BY_PRODUCT: Final = f"""
    SELECT sold.sku, shelf.name, starts, ends, sum(units)::integer AS units
      FROM ({_LOCAL}) AS sold JOIN shelf_seen AS shelf ON shelf.sku = sold.sku
     WHERE (CAST(:weekday AS integer) IS NULL OR weekday = :weekday)
     GROUP BY sold.sku, shelf.name, starts, ends ORDER BY sold.sku, starts
"""  # noqa: S608


async def sales(tx: Tx, *, today: date, sku: str | None = None, weekday: int | None = None) -> Sales:
    """What was sold lately: by window, of the product `sku` if given, and by product, on the weekday if given."""
    lately: dict[str, Any] = dict(_lately(today))
    windows = (await tx.execute(_dated(_BY_WINDOW), lately | {"sku": sku})).mappings().all()
    cells = (await tx.execute(_dated(_BY_PRODUCT), lately | {"weekday": weekday})).mappings().all()
    units: dict[tuple[str, str], dict[Hours, int]] = {}
    for cell in cells:
        units.setdefault((cell["sku"], cell["name"]), {})[Hours(cell["starts"], cell["ends"])] = cell["units"]
    products = [OfProduct(sku=sku, name=name, units=by_hours) for (sku, name), by_hours in units.items()]
    return Sales(
        windows=[
            OfWindow(weekday=row["weekday"], hours=Hours(row["starts"], row["ends"]), units=row["units"])
            for row in windows
        ],
        products=sorted(products, key=lambda each: (-each.total, each.name))[:PRODUCTS_MAX],
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


def _lately(today: date) -> dict[str, date]:
    return {"before": date.fromordinal(today.toordinal() - SEEN_DAYS), "today": today}


def _dated(statement: str) -> sa.TextClause:
    return sa.text(statement).bindparams(sa.bindparam("before", type_=sa.Date), sa.bindparam("today", type_=sa.Date))
