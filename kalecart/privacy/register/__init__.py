"""The register: every column of every table, every JSON key, Valkey key, cookie and file, and what each one is.

Access, erasure and retention are loops over it. A column nobody has classified fails a test and `./kale doctor
privacy`, and so does an entry for something that is no more.
"""

from collections.abc import Mapping
from typing import Final

from kalecart.privacy.register import (
    audits,
    complaints,
    dealings,
    erasures,
    habits,
    machinery,
    orders,
    paper,
    payments,
    people,
    requests,
    stockroom,
    surveys,
)
from kalecart.privacy.register.beside import COOKIES, FILES, VALKEY
from kalecart.privacy.register.entry import ANYBODY, Number, Table
from kalecart.privacy.subject import Part, PersonKind

REGISTER: Final[Mapping[str, Table]] = {
    table.name: table
    for area in (
        people,
        orders,
        payments,
        dealings,
        requests,
        erasures,
        habits,
        stockroom,
        surveys,
        complaints,
        paper,
        audits,
        machinery,
    )
    for table in area.TABLES
}

__all__ = ["COOKIES", "FILES", "PEOPLE", "REGISTER", "VALKEY", "about", "done_by"]

# The tables whose rows are people: the kinds of person the shop knows.
PEOPLE: Final = tuple(
    table.name
    for table in REGISTER.values()
    for number in table.numbers().values()
    if number == Number(names=table.name, part=Part.SUBJECT)
)


def about(table: Table, person: PersonKind = PersonKind.CUSTOMER, part: Part = Part.SUBJECT) -> str | None:
    """SQL that holds for the rows of `table` in which the person `:person` has this part; None where no row can.

    Rows belong to a person by a number of theirs, or through the row they belong to.
    """
    ways = [_way(table, column, number, person, part) for column, number in table.numbers().items()]
    if part is Part.SUBJECT:
        ways.append(table.also.get(person))
    found = [f"({way})" for way in ways if way]
    return " OR ".join(found) or None


def _way(table: Table, column: str, number: Number, person: PersonKind, part: Part) -> str | None:
    if number.part is part and number.names in {person, ANYBODY}:
        return f"{table.name}.{column} = :person"
    if number.through:
        named = REGISTER[number.names]
        whose = about(named, person, part)
        return whose and f"{table.name}.{column} IN (SELECT {named.key} FROM {named.name} WHERE {whose})"  # noqa: S608  # names of the register's
    return None


def done_by(table: Table, person: PersonKind) -> str | None:
    """SQL for the rows of `table` that the person `:person` wrote or changed themselves; None where nobody does."""
    own = [
        name for name, each in table.numbers().items() if each.part is Part.ACTOR and each.names in {person, ANYBODY}
    ]
    return " OR ".join(f"{table.name}.{name} = :person" for name in own) or None
