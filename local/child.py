"""One running program: its process, its log, whether it is ready."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Final

from local import processes
from local.hatching import Hatched, Nest
from local.program import ROOT, CannotStart, Program

READY_POLL_S: Final = 0.03
LOG_TAIL_BYTES: Final = 4096
FRAME: Final = " \r│"


class Child:
    """Started once. A restart is another Child."""

    def __init__(self, program: Program, log: Path, nest: Nest | None = None) -> None:
        self.program = program
        self.log = log
        self._nest = nest
        self._log_from = 0
        self._process: asyncio.subprocess.Process | Hatched | None = None
        self.running: processes.Running | None = None

    async def start(self) -> None:
        """Spawn it. The log is appended to by the process itself, so its last words survive our own death."""
        program = self.program
        await program.before()
        with self.log.open("ab") as log:
            self._log_from = log.tell()
            hatched = await self._nest.hatch(program, self.log) if self._nest else None
            self._process = hatched or await self._spawned(log)
        pid = self._process.pid
        self.running = processes.Running(name=program.name, pid=pid, born=processes.born(pid) or "ended at once")

    async def _spawned(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        program, identity = self.program, self.program.identity
        return await asyncio.create_subprocess_exec(
            *identity.prefix,
            *program.argv,
            env=dict(program.environment),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=program.inherits,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops the others in order
            preexec_fn=processes.dies_with(os.getpid(), program.dies_with_parent),
            **identity.account(),
        )

    async def wait(self) -> int:
        """Its exit status; negative for a signal."""
        assert self._process is not None
        return await self._process.wait()

    @property
    def status(self) -> int | None:
        """None while it runs."""
        return self._process.returncode if self._process else None

    async def until_ready(self) -> bool:
        """True when it answers; False when it ended before. Raises CannotStart when its time is up."""
        deadline = asyncio.get_running_loop().time() + self.program.ready_s
        while self.status is None:
            if await _answers(self.program.ready):
                return True
            if asyncio.get_running_loop().time() >= deadline:
                raise CannotStart(
                    f"{self.program.name} was not ready within {self.program.ready_s:.0f} s{self.said()}."
                )
            await asyncio.sleep(READY_POLL_S)
        return False

    def said(self) -> str:
        """The end of a sentence: the last line of its log, and where the rest is."""
        line = last_line(self.log, since=self._log_from)
        return (
            f' (its last words: "{line}"; all of them in {self.log})' if line else f" (it said nothing in {self.log})"
        )

    async def stop(self) -> None:
        """Ask as the program wants to be asked, then insist."""
        if self.running is None or self._process is None:
            return
        await processes.end(self.running, *self.program.stop)
        await self._process.wait()

    async def kill(self) -> None:
        """-9, as a crash would."""
        assert self.running is not None
        if self.status is None:
            os.kill(self.running.pid, signal.SIGKILL)
        await self.wait()


async def _answers(ready: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(2.0):
            await ready()
    except Exception:  # noqa: BLE001  # whatever it is that it cannot do yet, it is not ready
        return False
    return True


def last_line(log: Path, *, since: int = 0) -> str:
    """The last line with a word in it of what was written after `since`, or nothing; without the frame around it."""
    try:
        with log.open("rb") as content:
            size = log.stat().st_size
            content.seek(max(since if since <= size else 0, size - LOG_TAIL_BYTES))  # it may have been cut meanwhile
            lines = content.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip(FRAME) for line in reversed(lines) if any(map(str.isalnum, line))), "")
