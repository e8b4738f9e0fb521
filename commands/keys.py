"""`./kale keys`: the master key, changed while the shop serves."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from local.owner import Owner

app = typer.Typer(help="The master key: which there are, a new one, and the end of old ones.", no_args_is_help=True)

Result = TypeVar("Result")
DataDir = Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")]


@app.command()
def status(*, data_dir: DataDir = Path("var")) -> None:
    """Which master keys there are, and how many people's keys each of them wraps."""
    from rich.console import Console  # noqa: PLC0415  # the help of all commands should not wait for it
    from rich.table import Table  # noqa: PLC0415

    from local import keys  # noqa: PLC0415

    table = Table("master key", "wraps", "since", "", box=None, pad_edge=False)
    for held in _as_owner(keys.status, data_dir):
        word = "current" if held.current else "" if held.in_file else "not in the file"
        since = f"{held.standing.added_at:%Y-%m-%d %H:%M}"
        table.add_row(held.standing.name, f"{held.standing.wraps:,}", since, word)
    Console().print(table)


@app.command()
def rotate(*, data_dir: DataDir = Path("var")) -> None:
    """Make a new master key and wrap everybody's key by it, while the shop serves. Stopped half way, it goes on."""
    from local import keys  # noqa: PLC0415

    done = _as_owner(lambda owner: keys.rotate(owner, told=_told), data_dir)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    print(f"{done.added} is the master key now" if done.added else "an earlier rotation is finished")
    print(f"{done.rewrapped:,} keys rewrapped in {done.took_s:.1f} s")


@app.command()
def retire(
    *,
    at_once: Annotated[bool, typer.Option("--at-once", help="Even while key backups need them.")] = False,
    data_dir: DataDir = Path("var"),
) -> None:
    """Drop the older master keys that nothing is wrapped by any more, here or in a key backup."""
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from local import keys  # noqa: PLC0415

    gone = _as_owner(lambda owner: keys.retire(owner, now=SystemClock().now(), at_once=at_once), data_dir)
    print(f"dropped {', '.join(gone)}")


@app.command()
def replay(*, data_dir: DataDir = Path("var")) -> None:
    """Destroy the keys of erased people that an older copy of the database brought back."""
    from local import keys  # noqa: PLC0415

    print(f"{_as_owner(keys.replay_stones, data_dir)} keys destroyed again")


def _as_owner(act: "Callable[[Owner], Awaitable[Result]]", data_dir: Path) -> Result:
    import asyncio  # noqa: PLC0415

    from kalecart.errors import KaleCartError, MustNotStart  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    async def run() -> Result:
        async with open_owner(owner_settings(data_dir)) as owner:
            return await act(owner)

    try:
        return asyncio.run(run())
    except (CannotStart, MustNotStart) as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None


def _told(done: int, total: int) -> None:
    """On one line of a terminal; a log gets a line for every tenth."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {total:,}")
        sys.stderr.flush()
    elif done * 10 // total != (done - 2_000) * 10 // total:
        sys.stderr.write(f"{done:,} of {total:,}\n")


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
