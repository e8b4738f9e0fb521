"""`./kale bench`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def bench(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Shorter, with rougher figures.")] = False,
    money: Annotated[bool, typer.Option("--money", help="Payments: a backlog, a flood of events, no Valkey.")] = False,
    people: Annotated[bool, typer.Option("--people", help="People's data: packages, erasures, keys.")] = False,
    aggregates: Annotated[bool, typer.Option("--aggregates", help="Counting days, releasing a quarter.")] = False,
    real: Annotated[bool, typer.Option("--real", help="With --aggregates: a real grocery's tills.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is chosen by chance.")] = 7,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as well.")] = None,
) -> None:
    """Measure the whole shop on this machine: orders against pgbench, checkouts, payment, pages, memory."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from rich.console import Console  # noqa: PLC0415

    from bench.extent import QUICK, WHOLE  # noqa: PLC0415
    from bench.report import show  # noqa: PLC0415
    from bench.run import BenchFailed, run, run_counting  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    if money + people + aggregates > 1:
        raise typer.BadParameter("--money, --people and --aggregates are runs of their own")
    if real and not aggregates:
        raise typer.BadParameter("--real goes with --aggregates")
    part = "money" if money else "people" if people else "shop"
    progress = Console(stderr=True, highlight=False)
    try:
        if aggregates:
            counting = run_counting("real" if real else "made", quick=quick, seed=seed, say=progress.print)
            figures = asyncio.run(counting)
        else:
            figures = asyncio.run(run(QUICK if quick else WHOLE, seed=seed, say=progress.print, part=part))
    except (CannotStart, BenchFailed) as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    show(figures, Console())
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n")
