"""The owner's sheet: a CSV file read whole, and everything that is wrong with it said at once."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from kalecart.catalogue import cells
from kalecart.catalogue.product import Product

SHEET_BYTES_MAX: Final = 10_000_000
SHEET_ROWS_MAX: Final = 20_000

_RULES: Final[dict[str, Callable[[str], Any]]] = {
    "sku": cells.sku,
    "name": partial(cells.text, characters_max=80, required=True),
    "aisle": partial(cells.text, characters_max=40, required=True),
    "description": partial(cells.text, characters_max=300, required=False),
    "price": cells.price,
    "unit_amount": cells.amount,
    "unit": cells.unit,
    "tax_category": cells.tax_category,
    "stock": cells.stock,
    "picture": cells.picture,
    "keywords": partial(cells.text, characters_max=200, required=False),
}
COLUMNS: Final = tuple(_RULES)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to correct. `column` is empty where the whole line is meant; lines count from 1, as editors do."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """A product and the stock the sheet claims."""

    product: Product
    stock: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a file held: rows, or problems. Never both, so that nothing is ever half imported."""

    rows: tuple[SheetRow, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(data: bytes) -> Sheet:
    """Every row of the sheet in its order, or everything that is wrong. Raises nothing, whatever it is given."""
    if reason := _unreadable(data):
        return Sheet(problems=(Problem(line=1, column="", reason=reason),))
    # Bytes that are not UTF-8 survive as lone surrogates, so that a line with one is named like any other bad line.
    lines, problems = _lines(data.decode("utf-8-sig", errors="surrogateescape"))
    if not lines:
        return Sheet(problems=tuple(problems) or (Problem(line=1, column="", reason="the file is empty"),))
    (header_line, header), *body = lines
    columns = [name.strip().lower() for name in header]
    if reason := _wrong_header(columns):
        return Sheet(problems=(Problem(line=header_line, column="", reason=reason),))
    rows: dict[int, SheetRow] = {}
    for line, found in body:
        row = _row(columns, found, line=line)
        if isinstance(row, SheetRow):
            rows[line] = row
        else:
            problems += row
    problems += _repeated(rows)
    if not body and not problems:
        problems.append(Problem(line=header_line, column="", reason="no products follow the header"))
    if problems:
        return Sheet(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
    return Sheet(rows=tuple(rows.values()))


def _unreadable(data: bytes) -> str | None:
    if len(data) > SHEET_BYTES_MAX:
        return f"the file is larger than {SHEET_BYTES_MAX // 1_000_000} MB"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is UTF-16; save it as “CSV UTF-8”"
    if b"\0" in data:
        return "the file is not text; save the sheet as “CSV UTF-8”"
    return None


def _lines(text: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """The rows that are not blank, each with the line it starts on, and why reading had to stop, if it had to."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for found in reader:
            if len(lines) > SHEET_ROWS_MAX:
                return lines, [Problem(line=start, column="", reason=f"there are more than {SHEET_ROWS_MAX} products")]
            if any(cell.strip() for cell in found):
                lines.append((start, found))
            start = reader.line_num + 1
    except csv.Error:
        # A quotation mark that is never closed swallows the rest of the file: what follows cannot be judged.
        return lines, [Problem(line=start, column="", reason="a quotation mark is not closed or stands alone")]
    return lines, []


def _wrong_header(columns: list[str]) -> str | None:
    if len(columns) == 1 and ";" in columns[0]:
        return "the columns are separated by “;”; separate them by “,”"
    if any(_broken(name) for name in columns):
        return "is not UTF-8; save the sheet as “CSV UTF-8”"
    wrong = [f"“{name}” is missing" for name in COLUMNS if name not in columns]
    wrong += [f"“{_shown(name)}” is unknown" for name in columns if name not in COLUMNS]
    wrong += [f"“{name}” is there twice" for name in COLUMNS if columns.count(name) > 1]
    return f"the header is wrong: {', '.join(wrong)}" if wrong else None


def _shown(name: str) -> str:
    """A stranger's header on the owner's terminal: short, and without what would move the cursor."""
    return "".join(character if character.isprintable() else "·" for character in name[:40])


def _row(columns: list[str], found: list[str], *, line: int) -> SheetRow | list[Problem]:
    if len(found) != len(columns):
        reason = f"has {len(found)} cells where the header has {len(columns)}"
        return [Problem(line=line, column="", reason=reason)]
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for column, cell in zip(columns, found, strict=True):
        try:
            values[column] = _readable(cell, _RULES[column])
        except cells.BadCell as bad:
            problems.append(Problem(line=line, column=column, reason=str(bad)))
    if problems:
        return problems
    product = {name: value for name, value in values.items() if name not in {"price", "stock"}}
    return SheetRow(product=Product(price_cents=values["price"], **product), stock=values["stock"])


def _readable(cell: str, rule: Callable[[str], Any]) -> Any:
    if _broken(cell):
        raise cells.BadCell("is not UTF-8; save the sheet as “CSV UTF-8”")
    return rule(cell)


def _broken(cell: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in cell)


def _repeated(rows: dict[int, SheetRow]) -> list[Problem]:
    """Two rows for one product. Capitals do not tell products apart: people read them aloud."""
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for line, row in rows.items():
        before = first.setdefault(row.product.sku.lower(), line)
        if before != line:
            problems.append(Problem(line=line, column="sku", reason=f"is already used on line {before}"))
    return problems
