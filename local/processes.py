"""Processes, told apart beyond their number: a number is used again, after a reboot at the latest."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
GONE_POLL_S: Final = 0.02
PROC: Final = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process we started. `born` is compared only with itself: what the system says of the start, to the tick."""

    name: str
    pid: int
    born: str

    def alive(self) -> bool:
        return born(self.pid) == self.born


def born(pid: int) -> str | None:
    """When the process began, in this boot; None when there is none (a zombie is none)."""
    if not PROC.joinpath("self").exists():
        return _born_by_ps(pid)
    try:
        # The command's name, in brackets, may hold spaces and brackets itself.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{boot} {start_ticks}"


def number_in_use(pid: int) -> bool:
    """Also by a zombie, or by somebody else's process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _born_by_ps(pid: int) -> str | None:
    """macOS."""
    state, _, started = _ps(pid, "stat=,lstart=").partition(" ")
    return started.strip() if started and "Z" not in state else None


def _ps(pid: int, columns: str) -> str:
    command = ["/bin/ps", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # ps


def command_of(pid: int) -> tuple[str, Path | None]:
    """The program's file name and working directory, as far as the system tells; empty for what is gone."""
    if PROC.joinpath("self").exists():
        try:
            # After an upgrade the file behind a live process is gone and the link says so.
            exe = str((PROC / str(pid) / "exe").readlink()).removesuffix(" (deleted)")
            return Path(exe).name, (PROC / str(pid) / "cwd").readlink()
        except OSError:
            return "", None
    return Path(_ps(pid, "comm=")).name, None


def dies_with(parent: int, by: signal.Signals) -> Callable[[], None] | None:
    """What a child does before its program begins, so that a supervisor killed with -9 leaves nobody behind.

    Linux only; elsewhere the next start finds the orphans by the record of what was running.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)  # looked up here: a forked child should load nothing

    def in_the_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0)
        if os.getppid() != parent:  # it died in between, and its death will not be told again
            os.kill(os.getpid(), by)

    return in_the_child


async def end(process: Running, *by: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn and wait its time; whoever is still there then is killed with all its group."""
    for name, patience_s in by:
        if not process.alive():
            return
        _send(process.pid, name)
        if await gone(process, patience_s):
            return
    if process.alive():
        _send(process.pid, signal.SIGKILL, group=True)
        await gone(process, 5.0)


async def gone(process: Running, patience_s: float) -> bool:
    """Whether it ended within the time."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while process.alive():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(GONE_POLL_S)
    return True


def _send(pid: int, name: signal.Signals, *, group: bool = False) -> None:
    try:
        # Every child leads its own group, so this reaches what it started, and never us.
        if group and os.getpgid(pid) == pid:
            os.killpg(pid, name)
        else:
            os.kill(pid, name)
    except ProcessLookupError:
        pass
