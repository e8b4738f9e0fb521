"""`./kale chaos`."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from chaos.plan import Blow

PAGE: Final = Path("var/chaos.html")


def chaos(
    *,
    minutes: Annotated[float, typer.Option(min=0.2, max=600, help="For how long the shop is hurt.")] = 2.0,
    seed: Annotated[int, typer.Option(help="Of what is done to it, and when.")] = 1,
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="Shoppers who come in a second.")] = 1.6,
    every_step: Annotated[bool, typer.Option(help="Once at each step there is, instead of by chance.")] = False,
    mutation: Annotated[str, typer.Option(help="Make this mistake in a copy of the shop; it must be caught.")] = "",
    report: Annotated[Path, typer.Option(help="Where the page about the run is written.")] = PAGE,
) -> None:
    """Try to break a whole shop under load, then count the cents. Exit 0 only if nothing is lost, doubled or open."""
    from chaos.plan import at_steps, drawn  # noqa: PLC0415  # the help of all commands should not wait for it

    if mutation:
        raise typer.Exit(_mutated(mutation, minutes, seed, rate))
    if every_step:
        blows, seconds = at_steps(seed)
    else:
        blows, seconds = drawn(seed, seconds=minutes * 60), minutes * 60
    raise typer.Exit(_run(blows, seconds, seed, rate, report.absolute()))


def _run(blows: "Sequence[Blow]", seconds: float, seed: int, rate: float, report: Path) -> int:
    import asyncio  # noqa: PLC0415

    from chaos.page import page  # noqa: PLC0415
    from chaos.run import Options, run  # noqa: PLC0415
    from chaos.summary import summary  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="kale-chaos-") as folder:
        options = Options(seed=seed, seconds=seconds, data_dir=Path(folder) / "shop", rate=rate)
        try:
            done = asyncio.run(run(options, blows, say=lambda line: print(line, flush=True)))
        except CannotStart as sentence:
            sys.stderr.write(f"kale: {sentence}\n")
            return 2
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(page(done), encoding="utf-8")
    print(summary(done))
    print(f"the page about it: {report}")
    return 0 if done.passed else 1


def _mutated(name: str, minutes: float, seed: int, rate: float) -> int:
    from chaos.mutant import mutant  # noqa: PLC0415
    from chaos.mutations import BY_NAME, DoesNotFit  # noqa: PLC0415

    if name not in BY_NAME:
        sys.stderr.write(f"kale: there is no mutation {name}; there are {', '.join(BY_NAME)}.\n")
        return 2
    print(f"{name}: {BY_NAME[name].mistake}")
    asked = ("--minutes", str(minutes), "--seed", str(seed), "--rate", str(rate))
    try:
        with mutant(BY_NAME[name]) as tree:
            status = subprocess.run(  # noqa: S603  # our own source, with a mistake in it
                [sys.executable, "-m", "commands", "chaos", *asked, "--report", str(tree / PAGE)], cwd=tree, check=False
            ).returncode
    except DoesNotFit as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        return 2
    print("caught" if status == 1 else "not caught")
    return 0 if status == 1 else 1
