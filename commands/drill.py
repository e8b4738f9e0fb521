"""`./kale drill`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from local.drill import Drill


def drill(
    *,
    backups: Annotated[
        Path | None, typer.Option(help="Of the data; backups/ in the shop's folder where nobody says.")
    ] = None,
    key_backups: Annotated[
        Path | None, typer.Option(help="Of the keys; key-backups/ in the shop's folder where nobody says.")
    ] = None,
    together: Annotated[bool, typer.Option("--together", help="Both are below one folder.")] = False,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Restore yesterday's backup in a throw-away cluster: nobody erased may be readable there, and everybody else."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError, MustNotStart  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        done = asyncio.run(_drilled(data_dir, backups, key_backups, together=together))
    except (CannotStart, MustNotStart) as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    print(done.sentence)
    print("the drill passed" if done.passed else "the drill FAILED")
    raise typer.Exit(0 if done.passed else 1)


async def _drilled(data_dir: Path, data: Path | None, keys: Path | None, *, together: bool) -> "Drill":
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from local.backup import places_of  # noqa: PLC0415
    from local.drill import drill as run  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    places = places_of(data_dir, data=data, keys=keys, together=together)
    async with open_owner(owner_settings(data_dir)) as owner:
        return await run(owner, places, clock=SystemClock())


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
