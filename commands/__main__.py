"""`./kale`: finds the subcommands beside this file and hands over to the one that was asked for.

A module `commands/NAME.py` is the subcommand NAME when it has a function NAME, or a group of them when it has a
`typer.Typer` called `app`; with PASSES_THROUGH it takes arguments it does not know. It imports what it needs inside
the function: `./kale --help` must not load the shop.
"""

import importlib
import pkgutil
import signal
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Final

import typer

import commands

# The order is the story a newcomer reads; a subcommand that is not in it comes last.
PANELS: Final = {
    "Every day": ("up", "demo", "doctor", "audit"),
    "The shop": ("catalogue", "customers", "staff", "policy", "budget", "holds", "seed", "migrate", "openapi"),
    "Its keys and copies": ("keys", "backup", "restore", "drill"),
    "Its processes": ("web", "worker", "scheduler"),
    "Its quality": ("test", "lint", "bench", "chaos", "simulate"),
}
OTHERS: Final = "More"


def assembled(modules: Iterable[ModuleType]) -> typer.Typer:
    """All subcommands under one roof."""
    kale = typer.Typer(
        name="kale",
        help="KaleCart: a grocery shop that delivers, and keeps its privacy policy by construction.",
        epilog="Begin with ./kale up",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they show local variables, and some of those are secrets
    )
    for module in sorted(modules, key=place):
        name = module.__name__.rpartition(".")[2]
        group = getattr(module, "app", None)
        if group is not None:
            kale.add_typer(group, name=name, rich_help_panel=panel(name))
        else:
            through = getattr(module, "PASSES_THROUGH", False)
            context = {"allow_extra_args": through, "ignore_unknown_options": through}
            kale.command(name, rich_help_panel=panel(name), context_settings=context)(getattr(module, name))
    return kale


def found() -> list[ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(commands.__path__) if not module.name.startswith("_")]
    return [importlib.import_module(f"commands.{name}") for name in names]


def panel(name: str) -> str:
    """The heading in `./kale --help` under which it stands."""
    return next((title for title, names in PANELS.items() if name in names), OTHERS)


def place(module: ModuleType) -> tuple[int, str]:
    name = module.__name__.rpartition(".")[2]
    story = [each for names in PANELS.values() for each in names]
    return (story.index(name) if name in story else len(story), name)


def main() -> None:
    kale = assembled(found())
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # `./kale` holds Ctrl-C back until here
        kale(prog_name="./kale")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
