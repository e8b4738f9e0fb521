"""What erasing a person changes, as statements made from the register: nothing is erased that is not written there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from kalecart.privacy.hold import KEPT, Held
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import Erasure, Table
from kalecart.privacy.subject import Person, PersonKind

# The key is destroyed by `tombstones.shred` and by nothing else.
KEYS: Final = "vault.data_key"


@dataclass(frozen=True, kw_only=True)
class ErasureView:
    """How far an erasure is. `ended_at` is None while holds keep something. What stays under a number that leads to
    nobody is deleted after `books_until`; `ordered` says whether orders are among it."""

    id: UUID
    person: Person
    request_id: UUID | None
    begun_at: datetime
    ended_at: datetime | None
    at_stripe_at: datetime | None
    books_until: datetime
    ordered: bool
    held: Sequence[Held]


@dataclass(frozen=True, kw_only=True)
class Bare:
    """A column as the database has it: its type, and whether it may be without a value."""

    type: str
    nullable: bool


Bareness = Mapping[tuple[str, str], Bare]


def statements(
    held: Sequence[Held],
    bareness: Bareness,
    *,
    person: PersonKind = PersonKind.CUSTOMER,
    register: Mapping[str, Table] = REGISTER,
) -> Sequence[str]:
    """SQL that erases `:person` but for what `held` keeps; `:held` are the ids of the orders and complaints in the way.

    What belongs to other rows goes before them.
    """
    kept: dict[str, list[str]] = {}
    for hold in held:
        for column, rows in KEPT[hold.kind].columns.items():
            kept.setdefault(column, []).append(rows or "true")
    tables = [table for table in register.values() if table.name != KEYS]
    found = [_statement(table, person, bareness, kept) for table in reversed(tables)]
    return [statement for statement in found if statement]


def _statement(table: Table, person: PersonKind, bareness: Bareness, kept: Mapping[str, Sequence[str]]) -> str | None:
    whose = about(table, person)
    if whose is None:
        return None
    personal = table.personal()
    if any(entry.erase is Erasure.DELETED for entry in personal.values()):
        return f"DELETE FROM {table.name} WHERE {whose}"  # noqa: S608  # names of the register's
    changes = []
    for column, entry in personal.items():
        bare = bareness[table.name, column]
        empty = _empty(entry.erase, table, column, bare)
        if empty is not None:
            keep = " OR ".join(f"({rows})" for rows in kept.get(f"{table.name}.{column}", ()))
            changes.append(f"{column} = CASE WHEN {column} IS NULL OR {keep or 'false'} THEN {column} ELSE {empty} END")
    return f"UPDATE {table.name} SET {', '.join(changes)} WHERE {whose}" if changes else None  # noqa: S608  # the same


def _empty(erase: Erasure, table: Table, column: str, bare: Bare) -> str | None:
    """What a value that is there becomes. One that may be missing but is sealed stays there, empty: rules of the
    table about what goes with it hold as before."""
    match erase:
        case Erasure.SHREDDED:
            return f"''::{bare.type}"
        case Erasure.EMPTIED:
            return f"NULL::{bare.type}" if bare.nullable else f"''::{bare.type}"
        case Erasure.RANDOM:
            return "uuid_send(gen_random_uuid())"
        case Erasure.RENAMED:
            return f"'erased:' || {table.key}"
        case Erasure.DELETED | Erasure.KEPT:
            return None
    raise AssertionError((erase, column))
