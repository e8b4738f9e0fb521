"""`./kale customers`: people, as far as a terminal has to do with them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="People: a list of them is brought in only with their consent.", no_args_is_help=True)


@app.callback()
def customers() -> None:
    """People: a list of them is brought in only with their consent."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file. Each line says consent_source and consented_on.")],
    *,
    sender: Annotated[str, typer.Option(help="E-mail address of whoever sent it: they are told to stop.")] = "",
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Examine a list of people. One line without consent, and all of it is sealed unread and destroyed on time; nobody
    on it becomes a customer.
    """
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import Invalid, KaleCartError  # noqa: PLC0415
    from kalecart.sources.source import CONTENT_BYTES_MAX  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        with file.open("rb") as opened:
            content = opened.read(CONTENT_BYTES_MAX + 1)
    except OSError as error:
        raise _stop(f"{file} cannot be read: {error.strerror}.") from None
    try:
        asyncio.run(_import(content, sender, data_dir))
    except Invalid as error:
        raise _stop(*(f"{place.removeprefix('/')}: {words}" for place, words in error.problems.items())) from None
    except KaleCartError as error:
        raise _stop(f"nobody was imported. {error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None


async def _import(content: bytes, sender: str, data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.sources.import_people import import_people  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        await import_people(content, sender=sender, db=owner.db, vault=owner.vault, clock=SystemClock())


def _stop(*sentences: str) -> typer.Exit:
    sys.stderr.writelines(f"kale: {sentence}\n" for sentence in sentences)
    return typer.Exit(1)
