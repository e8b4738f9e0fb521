"""`./kale holds`: what the law obliges the shop to keep of somebody, whatever they ask."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer

T = TypeVar("T")

app = typer.Typer(help="Keep somebody's details because the law obliges us to.", no_args_is_help=True)

By = Annotated[UUID, typer.Option(help="The member of staff who decided it, by number.")]
DataDir = Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")]


@app.callback()
def holds() -> None:
    """Keep somebody's details because the law obliges us to."""


@app.command()
def place(
    customer: Annotated[UUID, typer.Argument(help="The customer's number.")],
    *,
    ground: Annotated[str, typer.Option(help="The obligation: a code or the number of a case.")],
    review: Annotated[datetime, typer.Option(help="When somebody looks again.", formats=["%Y-%m-%d"])],
    by: By,
    data_dir: DataDir = Path("var"),
) -> None:
    """Keep what is held about a customer until the hold is lifted."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    hold_id = _obeyed(lambda: asyncio.run(_place(customer, ground, review.replace(tzinfo=UTC), by, data_dir)))
    print(f"Held, under {hold_id}.")


@app.command()
def lift(
    hold: Annotated[UUID, typer.Argument(help="The hold's number.")], *, by: By, data_dir: DataDir = Path("var")
) -> None:
    """End a hold: what an erasure kept for it goes within the hour."""
    import asyncio  # noqa: PLC0415

    _obeyed(lambda: asyncio.run(_lift(hold, by, data_dir)))
    print("Lifted.")


async def _place(customer: UUID, ground: str, review_at: datetime, by: UUID, data_dir: Path) -> UUID:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.ids import CustomerId, StaffId  # noqa: PLC0415
    from kalecart.privacy.place_hold import place_hold  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        return await place_hold(
            CustomerId(customer),
            ground=ground,
            review_at=review_at,
            by=StaffId(by),
            db=owner.db,
            clock=SystemClock(),
        )


async def _lift(hold: UUID, by: UUID, data_dir: Path) -> None:
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.ids import StaffId  # noqa: PLC0415
    from kalecart.privacy.place_hold import lift_hold  # noqa: PLC0415
    from local.owner import open_owner, owner_settings  # noqa: PLC0415

    async with open_owner(owner_settings(data_dir)) as owner:
        await lift_hold(hold, by=StaffId(by), db=owner.db, clock=SystemClock())


def _obeyed(act: Callable[[], T]) -> T:
    from kalecart.errors import Invalid, KaleCartError  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        return act()
    except Invalid as error:
        raise _stop(*error.problems.values()) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None


def _stop(*sentences: str) -> typer.Exit:
    sys.stderr.writelines(f"kale: {sentence}\n" for sentence in sentences)
    return typer.Exit(1)
