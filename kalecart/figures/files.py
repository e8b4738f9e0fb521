"""Released figures as files for people outside the shop: the figures, what they are, and a note in plain words."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from kalecart.figures.export import Format
from kalecart.figures.note import LICENSE, NOTE
from kalecart.figures.published import Line, Published

COLUMNS: Final = (
    "release",
    "kind",
    "period",
    "among",
    "of",
    "name",
    "percent",
    "from_percent",
    "to_percent",
    "says",
    "released_at",
)
WIDTHS: Final = (22, 10, 10, 44, 18, 34, 9, 13, 11, 52, 22)
# What a spreadsheet would take for the beginning of a formula.
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r")


def written(releases: Sequence[Published], as_: Format, *, now: datetime) -> bytes:
    """The whole file. A line that is held back is in it with its words and without a number."""
    return _WRITERS[as_](releases, now)


def lines_in(releases: Sequence[Published]) -> int:
    return sum(len(release.lines) for release in releases)


def _cells(release: Published, line: Line) -> tuple[str | int | None, ...]:
    return (
        release.key,
        release.kind.value,
        release.period,
        release.among,
        line.of,
        line.name,
        line.about,
        line.low,
        line.high,
        line.words,
        _stamp(release.released_at),
    )


def _csv(releases: Sequence[Published], now: datetime) -> bytes:
    """The note first, in lines that begin with `#`; then a header and the figures."""
    text = io.StringIO(newline="")
    for line in (f"KaleCart, released figures, written {_stamp(now)}", *NOTE, LICENSE):
        text.write(f"# {line}\r\n")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for release in releases:
        for line in release.lines:
            table.writerow(["" if cell is None else _inert(cell) for cell in _cells(release, line)])
    return text.getvalue().encode("utf-8-sig")


def _inert(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell


def _json(releases: Sequence[Published], now: datetime) -> bytes:
    document = {
        "about": "KaleCart, released figures",
        "written_at": _stamp(now),
        "note": list(NOTE),
        "license": LICENSE,
        "releases": [_release(release) for release in releases],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _release(release: Published) -> Mapping[str, Any]:
    return {
        "key": release.key,
        "kind": release.kind.value,
        "period": release.period,
        "title": release.title,
        "among": release.among,
        "released_at": _stamp(release.released_at),
        "rho": release.microrho / 1_000_000,
        "figures": [
            {
                "of": line.of,
                "name": line.name,
                "percent": line.about,
                "from_percent": line.low,
                "to_percent": line.high,
                "says": line.words,
            }
            for line in release.lines
        ],
    }


def _xlsx(releases: Sequence[Published], now: datetime) -> bytes:
    """A sheet of figures, and a sheet with the note. Text stays text, whatever it begins with."""
    import xlsxwriter  # noqa: PLC0415  # only where such a file is written

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "KaleCart, released figures", "author": "KaleCart", "created": now})
        head, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Figures")
        sheet.write_row(0, 0, COLUMNS, head)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        rows = [_cells(release, line) for release in releases for line in release.lines]
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
        note = book.add_worksheet("Note")
        note.set_column(0, 0, 100, wrapped)
        for number, line in enumerate((f"Written {_stamp(now)}", *NOTE, LICENSE)):
            note.write_string(number, 0, line)
    return buffer.getvalue()


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


_WRITERS: Final = {Format.CSV: _csv, Format.XLSX: _xlsx, Format.JSON: _json}
