"""`./kale seed`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def seed(
    log_ins: Annotated[Path | None, typer.Option(help="Write the demonstration's log-ins to this file.")] = None,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Fill a new shop: the policy, the shelves, delivery windows; log-ins only for a demonstration. Safe to repeat."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from local.program import CannotStart  # noqa: PLC0415

    try:
        asyncio.run(_seed(log_ins, data_dir))
    except CannotStart as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        raise typer.Exit(1) from None
    print("seeded")


async def _seed(log_ins: Path | None, data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from local import demonstration  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        people = await demonstration.seed(owner, clock=SystemClock())
    if log_ins is not None:
        demonstration.write_log_ins(log_ins, people)
