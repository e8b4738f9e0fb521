"""A row about somebody in any table of the register, as bare as its table lets it be."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import new_id
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import ANYBODY, Number, Table
from kalecart.privacy.subject import Part, PersonKind
from kalecart.schema import metadata


async def a_bare_row(tx: Tx, table: Table, person: UUID, *, now: datetime, **but: Any) -> None:
    """With what `but` says. What else it names need not be there: the caller's transaction minds no foreign keys."""
    live = metadata.tables[table.name]
    needed = [column for column in live.columns if column.name not in but]
    values = {column.name: await _value(tx, table, column, person, now) for column in needed}
    given = {name: value for name, value in values.items() if value is not None}
    await tx.execute(sa.insert(live).values(**given, **but))


async def _value(tx: Tx, table: Table, column: sa.Column, person: UUID, now: datetime) -> Any:
    """None for what may be left out."""
    entry = table.columns[column.name]
    if isinstance(entry, Number) and entry.part is Part.SUBJECT and entry.names in {PersonKind.CUSTOMER, ANYBODY}:
        return person
    if isinstance(entry, Number) and entry.through:
        return await _of_theirs(tx, REGISTER[entry.names], person)
    if column.nullable or column.server_default is not None or column.identity is not None:
        return None
    words = _allowed(column)
    return words[0] if words else next(plain for kind, plain in _plain(now) if isinstance(column.type, kind))


def _plain(now: datetime) -> Iterator[tuple[type, Any]]:
    yield sa.Uuid, new_id()
    yield sa.DateTime, now
    yield sa.Date, now.date()
    yield sa.Integer, 1
    yield sa.Boolean, False
    yield sa.Text, new_id().hex
    yield sa.LargeBinary, new_id().bytes
    yield sa.JSON, []
    yield sa.ARRAY, ["x"]


async def _of_theirs(tx: Tx, table: Table, person: UUID) -> Any:
    found = sa.text(f"SELECT {table.key} FROM {table.name} WHERE {about(table)} LIMIT 1")
    return await tx.scalar(found, {"person": person})


def _allowed(column: sa.Column) -> list[str]:
    """The words that a rule of the table takes there and no other."""
    rules = [str(rule.sqltext) for rule in column.table.constraints if isinstance(rule, sa.CheckConstraint)]
    return [word for rule in rules if rule.startswith(f"{column.name} IN") for word in re.findall(r"'([a-z_]+)'", rule)]
