"""`./kale restore`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def restore(
    *,
    data: Annotated[Path, typer.Option(help="A set of data, as ./kale backup made it.")],
    keys: Annotated[Path, typer.Option(help="A set of keys of the same instant or later.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Put it in the place of the shop that is there.")] = False,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Bring a backup back. Whoever was erased since stays erased: that is replayed before anything can start."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415
    from local.restore_here import restore_here  # noqa: PLC0415

    try:
        done = asyncio.run(restore_here(data, keys, data_dir=data_dir, fresh=fresh))
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    print(f"{done.rows:,} rows and {done.keys:,} keys are back; {done.replayed:,} keys of erased people were destroyed")


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
