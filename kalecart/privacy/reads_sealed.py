"""Every sealed value of a shop with the person it is about, as the register lists them: what a drill tries to open."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.privacy.register import ANYBODY, PEOPLE, REGISTER
from kalecart.privacy.register.entry import Opened, Table
from kalecart.privacy.subject import Part
from kalecart.vault import Place

BATCH_MAX: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One value, where it lies, and whose key opens it."""

    person_id: UUID
    place: Place
    value: bytes


async def sealed_values(tx: Tx) -> AsyncGenerator[Sealed]:
    """All of them, table by table."""
    for table in REGISTER.values():
        for column, row in _sealed_columns(table):
            async for found in _of_column(tx, table, column, row):
                yield found


def _sealed_columns(table: Table) -> Iterator[tuple[str, str]]:
    for column, entry in table.personal().items():
        if isinstance(entry.disclose, Opened):
            yield column, entry.disclose.row


async def _of_column(tx: Tx, table: Table, column: str, row: str) -> AsyncGenerator[Sealed]:
    person, joined = _whose(table)
    everything = sa.text(f"""
        SELECT {person} AS person, t.{row} AS place, t.{column} AS value, t.{table.key} AS key
          FROM {table.name} AS t {joined}
         WHERE t.{column} IS NOT NULL AND t.{table.key} > :after ORDER BY t.{table.key} LIMIT {BATCH_MAX}
    """).bindparams(sa.bindparam("after", type_=sa.Uuid))  # noqa: S608  # names of the register's
    after = UUID(int=0)
    while rows := (await tx.execute(everything, {"after": after})).all():
        for each in rows:
            yield Sealed(person_id=each.person, place=Place(table.name, column, each.place), value=each.value)
        after = rows[-1].key


def _whose(table: Table) -> tuple[str, str]:
    """SQL for the person a row of `t` is about, and the row that has to be joined for it."""
    if mine := _subjects(table):
        return _one("t", mine), ""
    for column, number in table.numbers().items():
        named = REGISTER[number.names] if number.through else None
        if named and (theirs := _subjects(named)):
            return _one("o", theirs), f"JOIN {named.name} AS o ON o.{named.key} = t.{column}"
    raise LookupError(f"the register does not say whom {table.name} is about")


def _subjects(table: Table) -> list[str]:
    """Columns that say whom a row is about, of which one is filled."""
    found = table.numbers().items()
    return [column for column, number in found if number.part is Part.SUBJECT and number.names in {*PEOPLE, ANYBODY}]


def _one(row: str, columns: Sequence[str]) -> str:
    return f"coalesce({', '.join(f'{row}.{column}' for column in columns)})"
