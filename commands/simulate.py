"""`./kale simulate`."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    import asyncio

    from simulation.year import Plan

DATA_DIR: Final = Path("var/year")


def simulate(
    *,
    days: Annotated[int, typer.Option(min=5, max=3_000, help="How long it lives.")] = 400,
    seed: Annotated[int, typer.Option(help="Of what everybody does and what goes wrong.")] = 1,
    first_day: Annotated[
        datetime | None,
        typer.Option("--from", help="Its first day; as a rule so many days ago.", formats=["%Y-%m-%d"]),
    ] = None,
    shoppers: Annotated[int, typer.Option(min=1, max=5_000, help="How many sign up.")] = 500,
    orders: Annotated[float, typer.Option(min=0, max=1_000, help="A day, on average.")] = 5.0,
    data_dir: Annotated[Path, typer.Option(help="Where the shop is kept, to be looked at afterwards.")] = DATA_DIR,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the shop that is there away first.")] = False,
) -> None:
    """Let a shop live a year in minutes, with everything that goes wrong in one. Exit 0 only if every rule held."""
    from kalecart.clock import shop_date  # noqa: PLC0415  # the help of all commands should not wait for it
    from simulation.year import Plan  # noqa: PLC0415

    day = first_day.date() if first_day else shop_date(datetime.now(UTC)) - timedelta(days=days + 1)
    plan = Plan(seed=seed, first_day=day, days=days, shoppers=shoppers, orders_a_day=orders)
    raise typer.Exit(_run(plan, data_dir, fresh=fresh))


def _run(plan: "Plan", data_dir: Path, *, fresh: bool) -> int:
    import asyncio  # noqa: PLC0415
    import gc  # noqa: PLC0415
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    from local.program import CannotStart  # noqa: PLC0415
    from simulation.run import simulate as simulated  # noqa: PLC0415
    from simulation.summary import summary  # noqa: PLC0415

    # What processes say of a day would be a book by the end of the year; what they broke is found by the verdict.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        gc.freeze()  # what is imported stays, and a year makes little garbage that goes in circles
        gc.set_threshold(20_000, 20, 50)
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            judged = runner.run(simulated(plan, data_dir, fresh=fresh, say=lambda line: print(line, flush=True)))
    except CannotStart as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        return 2
    print(summary(judged))
    print(f"look at it: ./kale up --data-dir {data_dir}")
    return 0 if judged.well else 1


def _fast_loop() -> "Callable[[], asyncio.AbstractEventLoop] | None":
    """A year is mostly short questions and their answers; there is no uvloop for Windows."""
    if find_spec("uvloop") is None:
        return None
    from uvloop import new_event_loop  # noqa: PLC0415  # only where it is there

    return new_event_loop
