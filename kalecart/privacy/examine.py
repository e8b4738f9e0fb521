"""Hold the register against what there really is, both ways: what nobody classified, and what is no more."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kalecart.database import Tx
from kalecart.privacy import reads_register
from kalecart.privacy.reads_register import Column
from kalecart.privacy.register import REGISTER
from kalecart.privacy.register.entry import Beside, Number, Table
from kalecart.privacy.retention import RULES


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing the register and the shop disagree about. `where` names a table, a column, a key; never a value."""

    what: str
    where: str


async def examine(tx: Tx, register: Mapping[str, Table] = REGISTER) -> list[Gap]:
    """Columns and keys in JSON nobody classified, and entries of columns that are no more. Reads the keys of values and
    nothing else of them."""
    columns = await reads_register.columns(tx)
    return [*_unclassified(columns, register), *await _unclassified_keys(tx, columns, register)]


def _unclassified(columns: Sequence[Column], register: Mapping[str, Table]) -> Sequence[Gap]:
    real = {(column.table, column.name) for column in columns}
    written = {(table.name, column) for table in register.values() for column in table.columns}
    unruled = [
        f"{table.name}.{column}"
        for table in register.values()
        for column, entry in table.personal().items()
        if entry.retention not in RULES
    ]
    return [
        *(Gap(what="column nobody has classified", where=".".join(each)) for each in sorted(real - written)),
        *(Gap(what="entry of a column that is no more", where=".".join(each)) for each in sorted(written - real)),
        *(Gap(what="personal column without a rule for how long it is kept", where=each) for each in unruled),
    ]


async def _unclassified_keys(tx: Tx, columns: Sequence[Column], register: Mapping[str, Table]) -> Sequence[Gap]:
    gaps = []
    for column in columns:
        where = f"{column.table}.{column.name}"
        if column.is_json and not column.readable:
            gaps.append(Gap(what="JSON column that this log-in may not look into", where=where))
        elif column.is_json:
            known = _keys(register, column)
            found = await reads_register.json_keys(tx, column.table, column.name)
            strange = [key for key in found if not any(_fits(key, path) for path in known)]
            gaps += [Gap(what="JSON key nobody has classified", where=f"{where}: {key}") for key in strange]
    return gaps


def _keys(register: Mapping[str, Table], column: Column) -> Collection[str]:
    entry = register[column.table].columns.get(column.name) if column.table in register else None
    return () if entry is None or isinstance(entry, Number) else entry.keys


def _fits(key: str, path: str) -> bool:
    """Whether a key is what a path of the register names: `*` there stands for one step of any name."""
    steps, pattern = key.split("."), path.split(".")
    return len(steps) == len(pattern) and all(
        wanted in {"*", step} for step, wanted in zip(steps, pattern, strict=True)
    )


def strangers(names: Iterable[str], known: Sequence[Beside]) -> Sequence[str]:
    """Which names of Valkey keys, cookies or files no entry describes."""
    patterns = [re.compile(each.pattern) for each in known]
    return sorted(name for name in names if not any(pattern.fullmatch(name) for pattern in patterns))
