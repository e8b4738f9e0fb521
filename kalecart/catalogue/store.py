"""Products and stock by their SKU, for the import."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from kalecart.catalogue.tables import product, stock
from kalecart.database import Tx

# Any number nobody else locks: two imports at once would each retire what the other brings.
_IMPORT_LOCK: Final = 0x6B616C65

_UPSERT: Final = postgresql.insert(product)
_SHELVE: Final = _UPSERT.on_conflict_do_update(
    index_elements=[product.c.sku],
    set_={column.name: _UPSERT.excluded[column.name] for column in product.c if column.name != "sku"},
)
_STOCK_FIRST: Final = postgresql.insert(stock).on_conflict_do_nothing()
_RESTOCK: Final = sa.update(stock).where(stock.c.sku == sa.bindparam("of_sku")).values(on_hand=sa.bindparam("on_hand"))


async def lock_for_import(tx: Tx) -> None:
    """Wait for an import that is under way; the lock ends with the transaction."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORT_LOCK)))


async def shelved(tx: Tx) -> dict[str, Mapping[str, Any]]:
    """Every product there is, sold or not, as the values of its columns."""
    return {row["sku"]: row for row in (await tx.execute(sa.select(product))).mappings()}


async def on_hand(tx: Tx) -> dict[str, int]:
    """The stock of every product."""
    return {row.sku: row.on_hand for row in await tx.execute(sa.select(stock))}


async def shelve(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add products, or write over those that are there."""
    if rows := list(rows):
        await tx.execute(_SHELVE, rows)


async def stock_first(tx: Tx, counts: Mapping[str, int]) -> None:
    """Give new products their first stock; what is already counted stays."""
    if counts:
        await tx.execute(_STOCK_FIRST, [{"sku": sku, "on_hand": counts[sku]} for sku in sorted(counts)])


async def restock(tx: Tx, counts: Mapping[str, int]) -> None:
    """Set the stock. In the order of the SKUs, in which orders take it too: no two of us wait for each other."""
    if counts:
        await tx.execute(_RESTOCK, [{"of_sku": sku, "on_hand": counts[sku]} for sku in sorted(counts)])


async def retire(tx: Tx, skus: Collection[str]) -> None:
    """Take products off the shelves; their rows stay for the carts and orders that name them."""
    if skus:
        await tx.execute(sa.update(product).where(product.c.sku.in_(sorted(skus))).values(active=False))
