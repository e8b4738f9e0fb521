"""`./kale policy`: what the shop promises."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What the shop promises, and who was told.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")]


@app.callback()
def policy() -> None:
    """What the shop promises, and who was told."""


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="The whole text in Markdown, as kalecart/policy/versions/ has it.")],
    *,
    effective: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it takes effect.")],
    data_dir: DataDir = Path("var"),
) -> None:
    """Publish a new version. It never changes afterwards; every customer and employee is told within minutes."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _stop(f"{file} cannot be read as text.") from None
    try:
        version = asyncio.run(_publish(text, effective, data_dir))
    except KaleCartError as error:
        raise _stop(f"nothing was published. {error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    print(f"Published as {version}. What it changes: /policy/changes?to={version}. Who was told: /staff/policy.")


async def _publish(text: str, effective: datetime, data_dir: Path) -> str:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.policy.publish import publish_text  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        version = await publish_text(text, effective_on=effective.date(), db=owner.db, clock=SystemClock())
    return version.version


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
