"""`./kale catalogue`: what the shop sells."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kalecart.catalogue.import_sheet import Report
    from kalecart.catalogue.sheet import Problem, Sheet

app = typer.Typer(help="What the shop sells.", no_args_is_help=True)


@app.callback()
def catalogue() -> None:
    """What the shop sells."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns of local/shop/catalogue.csv.")],
    *,
    stock: Annotated[
        bool, typer.Option("--stock", help="Also set the stock of products that are already sold here.")
    ] = False,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Sell exactly what the file says. One bad row, and nothing changes; products that left the file are retired."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.catalogue.sheet import SHEET_BYTES_MAX, parse  # noqa: PLC0415
    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        with file.open("rb") as opened:
            sheet = parse(opened.read(SHEET_BYTES_MAX + 1))
    except OSError as error:
        raise _stop(f"{file} cannot be read: {error.strerror}.") from None
    if sheet.problems:
        _show_problems(sheet.problems)
        raise _stop(f"nothing was imported. Correct {file} ({len(sheet.problems)} problems above) and import it again.")
    try:
        report, undrawn = asyncio.run(_import(sheet, data_dir, overwrite_stock=stock))
    except KaleCartError as error:
        raise _stop(f"nothing was imported. {error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    _show_report(report, undrawn)


async def _import(sheet: "Sheet", data_dir: Path, *, overwrite_stock: bool) -> "tuple[Report, list[str]]":
    from kalecart.catalogue.import_sheet import import_sheet  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    settings = owner_settings(data_dir)
    async with open_owner(settings) as owner:
        report = await import_sheet(sheet, db=owner.db, overwrite_stock=overwrite_stock)
    return report, _undrawn(sheet, settings.pictures_dir)


def _undrawn(sheet: "Sheet", pictures: Path) -> list[str]:
    """Pictures the sheet names and the shop does not have. On another machine than the web's there are none to see."""
    if not pictures.is_dir():
        return []
    drawn = {path.name for path in pictures.iterdir()}
    return sorted({row.product.picture for row in sheet.rows} - drawn)


def _show_problems(problems: "Iterable[Problem]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, header_style="bold")
    table.add_column("Line", justify="right")
    table.add_column("Column")
    table.add_column("What is wrong")
    for problem in problems:
        # As text, because a sheet may hold what the terminal library would take for markup.
        table.add_row(str(problem.line), problem.column, Text(problem.reason))
    Console(stderr=True).print(table)


def _show_report(report: "Report", undrawn: list[str]) -> None:
    if report.changed_nothing:
        print(f"Nothing to change: all {report.unchanged} products are already as the file says.")
    else:
        counts = {
            "added": len(report.added),
            "changed": len(report.changed),
            "moved": len(report.moved),
            "restocked": len(report.restocked),
            "retired": len(report.retired),
            "unchanged": report.unchanged,
        }
        print(" · ".join(f"{word} {count}" for word, count in counts.items()))
    if undrawn:
        print(f"Pictures that are not there yet: {', '.join(undrawn)}")


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
