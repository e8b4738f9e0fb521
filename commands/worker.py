"""`./kale worker`."""

import sys
from typing import Annotated, Literal

import typer


def worker(
    shift: Annotated[
        Literal["worker", "privacy"], typer.Argument(help="privacy has queues and a log-in of its own.")
    ] = "worker",
) -> None:
    """Perform promised work, such as charging orders; settings come from the environment."""
    import runpy  # noqa: PLC0415  # the help of all commands should not wait for it

    sys.argv = ["workers", shift]
    runpy.run_module("workers", run_name="__main__", alter_sys=True)
