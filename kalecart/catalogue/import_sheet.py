"""Make the shop sell what the sheet says: all of it or, if anything goes wrong, none of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kalecart.catalogue import store
from kalecart.catalogue.sheet import Sheet, SheetRow
from kalecart.database import Database


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an import did, by SKU."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]  # only their place on the shelves
    restocked: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int

    @property
    def changed_nothing(self) -> bool:
        return not (self.added or self.changed or self.moved or self.restocked or self.retired)


async def import_sheet(sheet: Sheet, *, db: Database, overwrite_stock: bool = False) -> Report:
    """Add, change and retire products in one transaction.

    The sheet's stock is the first stock of a product that is new. Later it is what the owner once wrote, while the
    shop has been selling: it counts only where `overwrite_stock` says so.
    """
    assert sheet.rows
    assert not sheet.problems
    wanted = {row.product.sku: _columns(row, position) for position, row in enumerate(sheet.rows, start=1)}
    claimed = {row.product.sku: row.stock for row in sheet.rows}
    async with db.transaction() as tx:
        await store.lock_for_import(tx)
        before = await store.shelved(tx)
        counted = await store.on_hand(tx)
        report = _compared(wanted, before, restocked=_restocked(claimed, counted) if overwrite_stock else ())
        await store.shelve(tx, (wanted[sku] for sku in (*report.added, *report.changed, *report.moved)))
        await store.stock_first(tx, {sku: claimed[sku] for sku in claimed if sku not in counted})
        await store.restock(tx, {sku: claimed[sku] for sku in report.restocked})
        await store.retire(tx, report.retired)
    return report


def _columns(row: SheetRow, position: int) -> dict[str, Any]:
    """The row of the table that a row of the sheet asks for."""
    return asdict(row.product) | {"search": row.product.searchable, "position": position, "active": True}


def _compared(
    wanted: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], *, restocked: tuple[str, ...]
) -> Report:
    kept = [sku for sku in wanted if sku in before]
    differing = {sku: {name for name in wanted[sku] if wanted[sku][name] != before[sku][name]} for sku in kept}
    return Report(
        added=tuple(sku for sku in wanted if sku not in before),
        changed=tuple(sku for sku in kept if differing[sku] - {"position"}),
        moved=tuple(sku for sku in kept if differing[sku] == {"position"}),
        restocked=restocked,
        retired=tuple(sku for sku, row in before.items() if row["active"] and sku not in wanted),
        unchanged=sum(not differing[sku] and sku not in restocked for sku in kept),
    )


def _restocked(claimed: Mapping[str, int], counted: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sku for sku, count in claimed.items() if sku in counted and counted[sku] != count)
