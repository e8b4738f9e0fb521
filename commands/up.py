"""`./kale up`."""

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer


def up(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the shop listens; 0 takes any free port.")] = 8000,
    data_dir: Annotated[Path, typer.Option(help="Everything the shop keeps is in here.")] = Path("var"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the data of earlier starts away first.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only when it is ready, and trouble.")] = False,
) -> None:
    """Start the whole shop on this machine: database, queue, Stripe stand-in, web, workers, scheduler."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from local import up as shop  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        options = shop.Options(data_dir=data_dir, port=port, fresh=fresh)
        asyncio.run(shop.up(options, say=_silent if quiet else _told, announce=_told))
    except CannotStart as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        raise typer.Exit(1) from None


def _told(line: str) -> None:
    # A terminal that was closed must not keep the shop from stopping in order.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _silent(_line: str) -> None:
    """For --quiet."""
