"""`./kale backup`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from local.backup import Backup


def backup(
    *,
    to: Annotated[
        Path | None, typer.Option(help="For the data; backups/ in the shop's folder where nobody says.")
    ] = None,
    keys_to: Annotated[
        Path | None, typer.Option(help="For the keys; key-backups/ in the shop's folder where nobody says.")
    ] = None,
    together: Annotated[bool, typer.Option("--together", help="Both below one folder: who takes it has both.")] = False,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Copy the data and the keys of one instant, each by itself; remove key backups that are beyond their time."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError, MustNotStart  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        made = asyncio.run(_back_up(data_dir, to, keys_to, together=together))
    except (CannotStart, MustNotStart) as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    except OSError as error:
        raise _stop(f"the backup could not be written: {error.strerror}.") from None
    print(f"data  {made.data.folder}")
    print(f"keys  {made.keys.folder}  (store it elsewhere than the data)")
    if made.removed:
        print(f"removed {made.removed} key backups that were beyond their time")


async def _back_up(data_dir: Path, to: Path | None, keys_to: Path | None, *, together: bool) -> "Backup":
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from local.backup import back_up, places_of  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    places = places_of(data_dir, data=to, keys=keys_to, together=together)
    async with open_owner(owner_settings(data_dir)) as owner:
        return await back_up(owner, places, clock=SystemClock())


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
