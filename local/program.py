"""What the supervisor runs: a command, how to see that it is ready, how to ask it to stop."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent


class CannotStart(Exception):
    """One plain sentence for the person at the keyboard, and a non-zero exit."""


async def nothing_to_do() -> None:
    """For a program that needs no preparation."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which account a program runs under: a command in front of it, or a user to change to."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def account(self) -> dict[str, Any]:
        """The arguments a new process takes for it."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True, kw_only=True)
class Program:
    """Programs of a later wave need those of the earlier ones: they start after them and stop before them."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[None]] = nothing_to_do  # raises for as long as it is not
    ready_s: float = 60.0  # on a busy machine; one that fails instead of being slow ends, and is told at once
    before: Callable[[], Awaitable[None]] = nothing_to_do  # before every start, the first and those after a crash
    identity: Identity = field(default_factory=Identity)
    stop: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)  # then SIGKILL
    dies_with_parent: signal.Signals = signal.SIGTERM
    inherits: tuple[int, ...] = ()  # open files it is handed
    wave: int = 0
