"""`./kale test`: everything that must hold, in the order that fails fastest."""

import os
import subprocess
import sys
from typing import Final

import typer

from commands.lint import ROOT, linted

# Whoever is done takes work from the other, so that no long test runs alone at the end.
SIDE_BY_SIDE: Final = ("-n", "2", "--dist", "worksteal")
PASSES_THROUGH: Final = True
NOTHING_KEPT: Final = "PYTHONDONTWRITEBYTECODE"


def test(context: typer.Context) -> None:
    """Lint, types and contracts, then all tests; what follows goes to pytest, as in ./kale test tests/unit -k money."""
    status = linted()
    if status == 0:
        command = [sys.executable, "-m", "pytest", *SIDE_BY_SIDE, *context.args]
        # Each process of a run would compile every test again where nothing may be kept.
        environment = {name: value for name, value in os.environ.items() if name != NOTHING_KEPT}  # noqa: TID251  # its own
        done = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, env=environment)  # noqa: S603  # pytest
        status = done.returncode
    raise typer.Exit(status)
