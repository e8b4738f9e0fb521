"""Everything about one person: one SELECT for each table of the register, over one snapshot."""

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.privacy.package import PackagePart, columns_of, columns_of_acts, shown_columns, shown_numbers
from kalecart.privacy.register import REGISTER, about, done_by
from kalecart.privacy.register.entry import Opened, Table, WithheldWhile
from kalecart.privacy.subject import Part, Person, PersonKind
from kalecart.vault import DataKey, Place

# Rows of each table that are about somebody, or that somebody wrote.
Counts = Counter[tuple[Part, str]]
# Before the name of a column that is withheld in some rows: whether it is in this one.
_HELD: Final = "held_"


async def count_rows(tx: Tx, people: Sequence[Person]) -> Counts:
    """How many rows are about the person, and of what they did; in one statement, because most tables have none."""
    counts: Counts = Counter()
    for person in people:
        asked = _asked(person.kind)
        numbers = ", ".join(f"(SELECT count(*) FROM {table.name} WHERE {which})" for _, table, which in asked)  # noqa: S608  # names of our own
        found = sa.text(f"SELECT {numbers}").bindparams(sa.bindparam("person", person.id, sa.Uuid))
        row = (await tx.execute(found)).one()
        counts.update({(part, table.name): count for (part, table, _), count in zip(asked, row, strict=True)})
    return counts


async def parts_of(tx: Tx, keys: Mapping[Person, DataKey], counts: Counts) -> AsyncIterator[PackagePart]:
    """Each table that has rows about the person, opened with their key, and then what they did.

    Whoever is known under several numbers has as many keys; first as a customer, where they wrote before they were one.
    A table that has nothing by the counts of the same instant is not asked.
    """
    for kind in dict.fromkeys(person.kind for person in keys):
        of_kind = {person: key for person, key in keys.items() if person.kind is kind}
        async for part in _parts_of_kind(tx, kind, of_kind, counts):
            yield part


async def _parts_of_kind(
    tx: Tx, kind: PersonKind, keys: Mapping[Person, DataKey], counts: Counts
) -> AsyncIterator[PackagePart]:
    for table, which in _with_rows(kind, Part.SUBJECT, counts):
        shown, numbers = shown_columns(table), shown_numbers(table)
        holding = {name: e.disclose.holds for name, e in shown.items() if isinstance(e.disclose, WithheldWhile)}
        opening = {name: e.disclose for name, e in shown.items() if isinstance(e.disclose, Opened)}
        unopened = {name: how.unless for name, how in opening.items() if how.unless}
        wanted = {*shown, *numbers} | {how.row for how in opening.values()}
        records: list[dict[str, Any]] = []
        held = dict.fromkeys(holding, 0)
        for person, key in keys.items():
            rows = await _rows(tx, table, which, wanted, person, holding | unopened)
            records += _records(table, rows, key)
            held = {name: count + sum(row[_HELD + name] for row in rows) for name, count in held.items()}
        if records:
            yield PackagePart(
                table=table.name,
                says=table.says,
                key=table.key,
                columns=columns_of(table, kind),
                records=records,
                numbers={name: number.names for name, number in numbers.items()},
                held=held,
            )
    for table, which in _with_rows(kind, Part.ACTOR, counts):
        found = [row for person in keys for row in await _rows(tx, table, which, set(table.acts), person, {})]
        done = [{name: row[name] for name in table.acts} for row in found]
        if done:
            columns = columns_of_acts(table)
            yield PackagePart(table=table.name, says=table.did, key=table.key, columns=columns, records=done, acts=True)


async def _rows(
    tx: Tx, table: Table, which: str, wanted: set[str], person: Person, holding: Mapping[str, str]
) -> Sequence[Any]:
    """The columns that are wanted, and for those in `holding` whether the SQL there keeps them back, or unopened."""
    told = (f"({holds}) AS {_HELD}{name}" for name, holds in holding.items())
    names = ", ".join([*sorted(wanted), *told]) or "1"
    order = f"ORDER BY {table.key}" if table.key in wanted else ""
    found = sa.text(f"SELECT {names} FROM {table.name} WHERE {which} {order}")  # noqa: S608  # names of our own
    rows = await tx.execute(found.bindparams(sa.bindparam("person", person.id, sa.Uuid)))
    return rows.mappings().all()


def _with_rows(kind: PersonKind, part: Part, counts: Counts) -> list[tuple[Table, str]]:
    return [(table, which) for each, table, which in _asked(kind) if each is part and counts[part, table.name]]


@cache
def _asked(kind: PersonKind) -> list[tuple[Part, Table, str]]:
    """Where rows about somebody can be, and what they did themselves, each with the SQL that finds them.

    What customers do is theirs already; who works here also did something to what is others'.
    """
    found = [(Part.SUBJECT, table, about(table, kind)) for table in REGISTER.values()]
    if kind is PersonKind.STAFF:
        found += [(Part.ACTOR, table, done_by(table, kind)) for table in REGISTER.values()]
    return [(part, table, which) for part, table, which in found if which]


def _records(table: Table, rows: Sequence[Any], key: DataKey) -> list[dict[str, Any]]:
    shown = shown_columns(table)
    opened = {name: e.disclose for name, e in shown.items() if isinstance(e.disclose, Opened)}
    names = [*shown_numbers(table), *shown]
    held = [name for name, entry in shown.items() if isinstance(entry.disclose, WithheldWhile)]
    records = [_record(table.name, names, opened, row, key) for row in rows]
    for name in held:
        for record, row in zip(records, rows, strict=True):
            if row[_HELD + name]:
                del record[name]
    return records


def _record(table: str, names: Sequence[str], opened: Mapping[str, Opened], row: Any, key: DataKey) -> dict[str, Any]:
    values = {name: row[name] for name in names}
    for name, how in opened.items():
        if how.unless and row[_HELD + name]:
            values[name] = how.words
        elif values[name] is not None:
            values[name] = _opened(key, table, name, row[how.row], values[name])
    return values


def _opened(key: DataKey, table: str, column: str, row: UUID, sealed: bytes) -> Any:
    """An address and a card are sealed as JSON; what a person wrote is a text, whatever it begins with."""
    text = key.open(sealed, Place(table, column, row))
    if column == "sealed" and text.startswith("{"):
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text
