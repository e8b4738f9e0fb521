"""`./kale audit verify`: is the audit trail as it was written?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from kalecart.settings import Settings
    from kalecart.trail.anchors import Anchor
    from kalecart.trail.verify import Report

app = typer.Typer(no_args_is_help=True, help="The audit trail: prove it, and mark where it ends.")

NOT_ANCHORED: Final = (
    "no marks outside the database (KALE_ANCHOR_FILE): a tail that was cut off, or a trail that was written anew from "
    "its first row, would not show"
)

DataDir = Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")]


@app.command()
def verify(*, data_dir: DataDir = Path("var")) -> None:
    """Walk the whole chain, hold it against the marks, and name every broken row. Exit 0 only if there is none."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    report = asyncio.run(_verified(_settings("doctor", data_dir)))
    for fault in report.faults:
        print(f"✗ {fault.sentence}")
    if report.overdue:
        print(f"✗ {report.unsealed.count} lines wait for their seal since {report.unsealed.oldest}: is a scheduler up?")
    if not report.anchored:
        print(f"  {NOT_ANCHORED}")
    if not report.well:
        print("the audit trail is not as it was written: the first broken row is named first")
        raise typer.Exit(1)
    marks = f"{report.anchored} marks, the last of {report.last_anchor}" if report.anchored else "no marks"
    print(f"the audit trail is whole: {report.head.sequence} rows, {report.unsealed.count} not sealed yet, {marks}")


@app.command()
def anchor(
    *,
    restored: Annotated[
        bool, typer.Option("--restored", help="A backup was put back: later rows are known to be lost.")
    ] = False,
    data_dir: DataDir = Path("var"),
) -> None:
    """Leave a mark of where the chain ends, and print it, to be kept by somebody else."""
    import asyncio  # noqa: PLC0415

    settings = _settings("doctor", data_dir)
    if settings.anchor_file is None:
        sys.stderr.write("kale: KALE_ANCHOR_FILE names no file to write it to.\n")
        raise typer.Exit(1)
    print(asyncio.run(_anchored(settings, settings.anchor_file, restored=restored)).line(), end="")


def _settings(role: str, data_dir: Path) -> "Settings":
    from local.owner import settings_as  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        return settings_as(role, data_dir)
    except CannotStart as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        raise typer.Exit(1) from None


async def _verified(settings: "Settings") -> "Report":
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.database import Database  # noqa: PLC0415
    from kalecart.trail.verify import verify as walk  # noqa: PLC0415

    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart audit")
    try:
        return await walk(db=db, clock=SystemClock(), anchor_file=settings.anchor_file)
    finally:
        await db.close()


async def _anchored(settings: "Settings", file: Path, *, restored: bool) -> "Anchor":
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.database import Database  # noqa: PLC0415
    from kalecart.trail.seal import anchor as leave  # noqa: PLC0415

    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart audit")
    try:
        return await leave(file, db=db, now=SystemClock().now(), restored=restored)
    finally:
        await db.close()
