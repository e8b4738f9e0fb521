"""`./kale lint`: what can be known without running the shop, quickest first."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import typer

ROOT: Final = Path(__file__).resolve().parent.parent
# Modules rather than the scripts in .venv/bin: those name the folder they were made in, and folders move.
LINT_IMPORTS: Final = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
CHECKS: Final = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--quiet", "."),
    "types": ("-m", "ty", "check", "--quiet"),
    "import contracts": ("-c", LINT_IMPORTS),
}


def lint() -> None:
    """Check style, types and the dependencies between areas."""
    raise typer.Exit(linted())


def linted() -> int:
    """The exit status of the first check that fails, or 0."""
    for name, arguments in CHECKS.items():
        status = run(name, arguments)
        if status != 0:
            return status
    return 0


def run(name: str, arguments: tuple[str, ...]) -> int:
    """One step, with its time. Its words are shown only when it fails: nobody reads a page of praise."""
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, *arguments], cwd=ROOT, check=False, stdin=subprocess.DEVNULL, capture_output=True
    )
    if done.returncode != 0:
        sys.stdout.buffer.write(done.stdout + done.stderr)
    word = "ok" if done.returncode == 0 else "failed"
    sys.stdout.write(f"{name:<20}{word} · {time.monotonic() - begun:.1f} s\n")
    sys.stdout.flush()
    return done.returncode
