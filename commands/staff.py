"""`./kale staff`: who works for the shop."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from kalecart.staff.add import NewStaff

app = typer.Typer(help="Who works for the shop, and in which role.", no_args_is_help=True)


@app.callback()
def staff() -> None:
    """Who works for the shop, and in which role."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="What they log in with.")],
    *,
    role: Annotated[Literal["manager", "orders", "privacy"], typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="What the console calls them.")],
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Give somebody a log-in. The password is asked for, or read as a line of standard input."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import Invalid, KaleCartError  # noqa: PLC0415
    from kalecart.staff.add import NewStaff  # noqa: PLC0415
    from kalecart.staff.rights import Role  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        asyncio.run(_add(NewStaff(name=name, email=email, password=_password(), role=Role(role)), data_dir))
    except Invalid as error:
        raise _stop(*(f"{place.removeprefix('/')}: {words}" for place, words in error.problems.items())) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    print(f"{email} can log in at /staff/log-in as {role}.")


async def _add(asked: "NewStaff", data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.staff.add import add_staff  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        await add_staff(asked, db=owner.db, vault=owner.vault, clock=SystemClock())


@app.command()
def leave(
    email: Annotated[str, typer.Argument(help="What they log in with.")],
    *,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Somebody works here no longer: they are out of the console at once, and forgotten two years later."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        asyncio.run(_leave(email, data_dir))
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    print(f"{email} works here no longer.")


async def _leave(email: str, data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.staff.leave import leave_by_email  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        await leave_by_email(email, db=owner.db, vault=owner.vault, clock=SystemClock())


@app.command()
def reset(
    email: Annotated[str, typer.Argument(help="What they log in with.")],
    *,
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Somebody lost their passkeys and codes: forget them, and end all their log-ins. The password stays."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        asyncio.run(_reset(email, data_dir))
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    print(f"{email} begins again with their password.")


async def _reset(email: str, data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.staff.reset_factors import reset_by_email  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        await reset_by_email(email, db=owner.db, vault=owner.vault, clock=SystemClock())


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _stop(*sentences: str) -> typer.Exit:
    sys.stderr.writelines(f"kale: {sentence}\n" for sentence in sentences)
    return typer.Exit(1)
