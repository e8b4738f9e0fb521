"""Programs that are forked from the nest instead of being started from nothing: see `local/nest.py`."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final

from local.nest import HATCHED, NUMBER_BYTES
from local.program import Program
from local.readiness import SaysReady

PR_SET_CHILD_SUBREAPER: Final = 36
# To adopt a process, and to wait for one that was adopted.
POSSIBLE: Final = sys.platform.startswith("linux") and hasattr(os, "pidfd_open")
# On a busy machine. A nest that is gone says so at once, and then the program is started from nothing.
WITHIN_S: Final = 30.0
# Room for what the processes are called with.
CALLED_BYTES: Final = 320


class Hatched:
    """What asyncio's own Process is for one that was spawned, for one that became our child later."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = loop.create_future()
        self._watched = os.pidfd_open(pid)
        loop.add_reader(self._watched, self._reap)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def _reap(self) -> None:
        self._ended.get_loop().remove_reader(self._watched)
        os.close(self._watched)
        try:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:  # it ended before it was ours, so nobody was told that it began
            self.returncode = -signal.SIGKILL
        self._ended.set_result(self.returncode)


class Nest:
    """Our end of the line to the nest. Its own end stays open here as well: a new nest answers what the last left."""

    def __init__(self) -> None:
        self._ours, self._its = socket.socketpair()
        self._ours.setblocking(False)
        self._hatching = 0

    def program(self, log: Path, environment: Mapping[str, str]) -> Program:
        says = SaysReady(log)
        its = self._its.fileno()
        return Program(
            name="nest",
            argv=(sys.executable, "-m", "local.nest", str(its), "-" * CALLED_BYTES),
            environment=environment,
            inherits=(its,),
            before=says.begin,
            ready=says.ready,
        )

    def close(self) -> None:
        self._ours.close()
        self._its.close()

    async def hatch(self, program: Program, log: Path) -> Hatched | None:
        """None where it is not made of what the nest has loaded, or where the nest is gone."""
        if program.argv[:2] != (sys.executable, "-m") or program.argv[2] not in HATCHED:
            return None
        mine, its = socket.socketpair()
        mine.setblocking(False)
        with mine, its, self._adopts(), contextlib.suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(WITHIN_S):
                socket.send_fds(self._ours, [b"!"], [its.fileno()])
                its.close()
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(mine, _asked(program, log))
                hatched = Hatched(int(await loop.sock_recv(mine, NUMBER_BYTES)))
                if await loop.sock_recv(mine, 1):
                    await loop.sock_sendall(mine, b"!")
                    return hatched
        return None

    @contextlib.contextmanager
    def _adopts(self) -> Generator[None]:
        """No longer than it takes: otherwise whatever a killed server leaves behind would become our child as well."""
        self._hatching += 1
        _adopt(whoever=True)
        try:
            yield
        finally:
            self._hatching -= 1
            if not self._hatching:
                _adopt(whoever=False)


def _adopt(*, whoever: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(whoever), 0, 0, 0)


def _asked(program: Program, log: Path) -> bytes:
    asked = {
        "argv": program.argv,
        "environment": dict(program.environment),
        "log": str(log),
        "parent": os.getpid(),
        "dies_by": int(program.dies_with_parent),
    }
    return json.dumps(asked).encode() + b"\n"
