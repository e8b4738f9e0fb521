"""Keeps programs running: started when what they need is ready, started again when they die, stopped in reverse."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from local import processes
from local.child import Child
from local.hatching import Nest
from local.program import CannotStart, Program

BACKOFF_FIRST_S: Final = 0.2
BACKOFF_MAX_S: Final = 10.0
SETTLED_S: Final = 30.0  # who lived this long starts over with the shortest pause
FIRST_TRIES_MAX: Final = 3
LOG_BYTES_MAX: Final = 8 * 1024 * 1024
LOG_LOOK_S: Final = 5.0

Say = Callable[[str], None]
Record = Callable[[list[processes.Running]], None]


class Supervisor:
    """`say` tells the person, `record` keeps for the next start which processes are ours, `pause_max_s` is the longest
    that somebody who keeps dying is left dead.
    """

    def __init__(self, logs: Path, *, say: Say, record: Record, pause_max_s: float = BACKOFF_MAX_S) -> None:
        self._logs = logs
        self._say = say
        self._record = record
        self._pause_max_s = pause_max_s
        self.nest: Nest | None = None  # what runs from now on is forked from it, where it can be
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._trimmer: asyncio.Task[None] | None = None

    async def start(self, program: Program) -> None:
        """Return when it is ready; from then on it is kept running."""
        self._trimmer = self._trimmer or asyncio.create_task(self._trim_logs())
        for _ in range(FIRST_TRIES_MAX):
            child = await self._spawn(program)
            if await child.until_ready():
                self._keepers[program.name] = asyncio.create_task(self._keep(program, child))
                return
            await asyncio.sleep(BACKOFF_FIRST_S)
        raise CannotStart(f"{program.name} ends as soon as it starts ({how(child.status)}){child.said()}.")

    async def run(self, program: Program) -> None:
        """Something that ends by itself, and well."""
        child = await self._spawn(program)
        status = await child.wait()
        del self._children[program.name]
        if status != 0:
            raise CannotStart(f"{program.name} failed ({how(status)}){child.said()}.")

    def running(self) -> Mapping[str, processes.Running]:
        """By name, what was started last; it may have ended since."""
        return {name: child.running for name, child in self._children.items() if child.running}

    async def stop(self) -> None:
        """Later waves first, so that nobody loses what it stands on."""
        tasks = [*self._keepers.values(), *([self._trimmer] if self._trimmer else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        children = list(self._children.values())
        for wave in sorted({child.program.wave for child in children}, reverse=True):
            await asyncio.gather(*(child.stop() for child in children if child.program.wave == wave))
        self._children.clear()
        self._record([])
        if self.nest:
            self.nest.close()
            self.nest = None

    async def _spawn(self, program: Program) -> Child:
        child = Child(program, self._logs / f"{program.name}.log", self.nest)
        # In the list first: a start that is cancelled half way must be stopped as well.
        self._children[program.name] = child
        await child.start()
        self._record([each.running for each in self._children.values() if each.running])
        return child

    async def _keep(self, program: Program, child: Child) -> None:
        loop = asyncio.get_running_loop()
        pause_s = BACKOFF_FIRST_S
        begun = loop.time()
        while True:
            status = await child.wait()
            if loop.time() - begun > SETTLED_S:
                pause_s = BACKOFF_FIRST_S
            self._say(f"{program.name} ended ({how(status)}); starting it again in {pause_s:.1f} s")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._pause_max_s)
            begun = loop.time()
            child = await self._again(program, child)

    async def _again(self, program: Program, before: Child) -> Child:
        """The new child, ready or ended; or, where it could not even be spawned, the one that ended before."""
        begun = asyncio.get_running_loop().time()
        try:
            child = await self._spawn(program)
            if await child.until_ready():
                self._say(f"{program.name} is back · {asyncio.get_running_loop().time() - begun:.1f} s")
        except CannotStart as sentence:
            self._say(str(sentence))
            await self._children[program.name].stop()
        except OSError as error:
            self._say(f"{program.name} cannot be started: {error.strerror}")
            await self._children[program.name].stop()  # it may run, and only not be written down
            return before
        return self._children[program.name]

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.to_thread(trim, self._logs.glob("*.log"))
            await asyncio.sleep(LOG_LOOK_S)


def how(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "still running"
    return f"signal {-status}" if status < 0 else f"exit {status}"


def trim(logs: Iterable[Path], bytes_max: int = LOG_BYTES_MAX) -> None:
    """Move a long log aside by copying. Its process keeps appending to the same file, which is simply short again.

    Lines written between the copy and the cut are lost; a pipe through the supervisor would lose the last words of
    everybody whenever the supervisor is killed.
    """
    for log in logs:
        with contextlib.suppress(OSError):
            if log.stat().st_size > bytes_max:
                shutil.copyfile(log, log.with_name(log.name + ".1"))
                with log.open("r+b") as file:
                    file.truncate()
