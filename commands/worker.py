"""`./kale worker`."""

import sys
from typing import Annotated, Literal

import typer


def worker(
    shift: Annotated[
        Literal["worker", "privacy", "analytics"],
        typer.Argument(help="privacy and analytics have a queue and a log-in of their own."),
    ] = "worker",
) -> None:
    """Perform promised work, such as charging orders; settings come from the environment."""
    import runpy  # noqa: PLC0415  # the help of all commands should not wait for it

    sys.argv = ["workers", shift]
    runpy.run_module("workers", run_name="__main__", alter_sys=True)
