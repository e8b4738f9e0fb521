"""Everything about one person: one SELECT for each table of the register, over one snapshot."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CustomerId
from kalecart.privacy.package import PackagePart, columns_of, shown_columns, shown_numbers
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import Opened, Table, WithheldWhile
from kalecart.vault import DataKey, Place

ROWS_AT_ONCE: Final = 5_000
# Before the name of a column that is withheld in some rows: whether it is in this one.
_HELD: Final = "held_"


async def count_rows(tx: Tx, customer_id: CustomerId) -> Mapping[str, int]:
    """How many rows of each table are about the person; tables without any are left out."""
    counts = {}
    for table, which in _tables():
        found = sa.text(f"SELECT count(*) FROM {table.name} WHERE {which}")  # noqa: S608  # names of our own
        count = await tx.scalar(found, {"person": customer_id})
        if count:
            counts[table.name] = count
    return counts


async def parts_of(tx: Tx, customer_id: CustomerId, key: DataKey) -> AsyncIterator[PackagePart]:
    """Each table that has rows about the person, opened with their key."""
    for table, which in _tables():
        shown, numbers = shown_columns(table), shown_numbers(table)
        wanted = {*shown, *numbers} | {e.disclose.row for e in shown.values() if isinstance(e.disclose, Opened)}
        held = {name: e.disclose.holds for name, e in shown.items() if isinstance(e.disclose, WithheldWhile)}
        told = (f"({holds}) AS {_HELD}{name}" for name, holds in held.items())
        names = ", ".join([*sorted(wanted), *told]) or "1"
        order = f"ORDER BY {table.key}" if table.key in wanted else ""
        found = sa.text(f"SELECT {names} FROM {table.name} WHERE {which} {order}")  # noqa: S608  # names of our own
        rows = (await tx.execute(found, {"person": customer_id})).mappings().all()
        if rows:
            yield PackagePart(
                table=table.name,
                says=table.says,
                key=table.key,
                columns=columns_of(table),
                records=_records(table, rows, key),
                numbers={name: number.names for name, number in numbers.items()},
                held={name: sum(row[_HELD + name] for row in rows) for name in held},
            )


def _tables() -> list[tuple[Table, str]]:
    return [(table, which) for table in REGISTER.values() if (which := about(table))]


def _records(table: Table, rows: Sequence[Any], key: DataKey) -> list[dict[str, Any]]:
    shown = shown_columns(table)
    opened = {name: e.disclose.row for name, e in shown.items() if isinstance(e.disclose, Opened)}
    names = [*shown_numbers(table), *shown]
    held = [name for name, entry in shown.items() if isinstance(entry.disclose, WithheldWhile)]
    records = [_record(table.name, names, opened, row, key) for row in rows]
    for name in held:
        for record, row in zip(records, rows, strict=True):
            if row[_HELD + name]:
                del record[name]
    return records


def _record(table: str, names: Sequence[str], opened: Mapping[str, str], row: Any, key: DataKey) -> dict[str, Any]:
    values = {name: row[name] for name in names}
    for name, place in opened.items():
        if values[name] is not None:
            values[name] = _opened(key, table, name, row[place], values[name])
    return values


def _opened(key: DataKey, table: str, column: str, row: UUID, sealed: bytes) -> Any:
    text = key.open(sealed, Place(table, column, row))
    return json.loads(text) if text.startswith("{") else text
