"""`./kale up`: from nothing to a shop one can order from, and down again."""

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from local import processes
from local.environment import caller, plain, stripe_of
from local.folder import Folder, empty, held, record_running, recorded_running, take_ports
from local.hatching import POSSIBLE, Nest
from local.postgres import STOP, open_cluster
from local.program import Program
from local.secrets import OWNER_ROLE, open_secrets
from local.stack import Stack
from local.supervisor import Supervisor

Say = Callable[[str], None]
LABELS: Final = {
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    "stripesim": "Stripe stand-in",
    "nest": "shared modules",
    "migrate": "migrations",
    "seed": "demonstration shop",
    "web": "web",
    "worker-1": "worker",
    "worker-2": "second worker",
    "privacy-worker": "privacy worker",
    "analytics-worker": "analytics worker",
    "scheduler": "scheduler",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person asked for. Port 0 takes any free one."""

    data_dir: Path
    port: int = 8000
    fresh: bool = False
    durable: bool = True
    postgres: Mapping[str, str] = field(default_factory=dict)  # further settings of the server, for measurements


async def up(options: Options, *, say: Say, announce: Say) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP. `say` is progress, `announce` what is told even when asked to be quiet."""
    stopping = _stopping_on_signals()
    begun = time.monotonic()
    with held(options.data_dir) as folder:
        say(f"KaleCart · data in {folder.path}")
        supervisor = Supervisor(folder.logs, say=announce, record=partial(record_running, folder))
        starting = asyncio.create_task(start(options, folder, supervisor, say=say))
        try:
            await _first_of(starting, stopping)
            if starting.done():
                stack = starting.result()
                announce(f"ready: {stack.url} · {time.monotonic() - begun:.1f} s")
                _tell_log_ins(folder, announce)
                say("Ctrl-C stops everything; the data stays.")
                await stopping.wait()
            say("stopping")
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await supervisor.stop()
        say(f"stopped · logs are in {folder.logs}")


@asynccontextmanager
async def running_shop(options: Options, *, say: Say = lambda _line: None) -> AsyncGenerator[Stack]:
    """The whole shop for as long as the block lasts: for tests and measurements."""
    with held(options.data_dir) as folder:
        supervisor = Supervisor(folder.logs, say=say, record=partial(record_running, folder))
        try:
            yield await start(options, folder, supervisor, say=say)
        finally:
            await supervisor.stop()


async def start(
    options: Options,
    folder: Folder,
    supervisor: Supervisor,
    *,
    say: Say,
    shop: Callable[[Stack], Iterable[Program]] = Stack.shop,
) -> Stack:
    """Everything, each part as soon as what it stands on is ready. `shop` are the processes that come last."""
    stripe = stripe_of(caller())
    await _end_left_overs(folder, say)
    if options.fresh:
        empty(folder)
    ports = take_ports(folder, options.port)
    secrets = open_secrets(folder.secrets, data_exists=folder.data_exists())
    supervisor.nest = Nest() if POSSIBLE else None
    starter = _Starter(supervisor=supervisor, say=say)

    async def stores() -> Stack:
        password = secrets.password(OWNER_ROLE)
        cluster = await open_cluster(
            folder.postgres, port=ports["postgres"], password=password, durable=options.durable, more=options.postgres
        )
        stack = Stack(folder=folder, secrets=secrets, ports=ports, stripe=stripe, cluster=cluster)
        await starter.stores(stack)
        return stack

    stack: Stack = (await together(stores(), starter.nest(folder.logs / "nest.log")))[0]
    await together(*(starter.keep(program) for program in shop(stack)))
    return stack


@dataclass(frozen=True, kw_only=True)
class _Starter:
    """Starts programs and says how long each took."""

    supervisor: Supervisor
    say: Say

    async def keep(self, program: Program) -> None:
        with _timed(program, self.say):
            await self.supervisor.start(program)

    async def once(self, program: Program) -> None:
        with _timed(program, self.say):
            await self.supervisor.run(program)

    async def nest(self, log: Path) -> None:
        """While the database is made: what the others are forked from has much to load."""
        if self.supervisor.nest:
            await self.keep(self.supervisor.nest.program(log, plain()))

    async def stores(self, stack: Stack) -> None:
        stand_in = stack.stand_in()
        away = [self.keep(stand_in)] if stand_in else []
        await together(self.database(stack), self.keep(stack.valkey()), *away)

    async def database(self, stack: Stack) -> None:
        await self.keep(stack.postgres())
        await self.once(stack.migrate())
        if not stack.folder.demo.exists():
            await self.once(stack.seed())


async def together(*parts: Coroutine[None, None, Any]) -> list[Any]:
    """What each returns, all at once; the first that fails ends the others and is the one that is told."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in parts]
        return [task.result() for task in tasks]
    except BaseExceptionGroup as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None


async def _end_left_overs(folder: Folder, say: Say) -> None:
    """Processes of an earlier start that was killed and that outlived it, or are about to end."""
    left = recorded_running(folder)
    if left:
        say(f"ending what an earlier start left behind: {', '.join(process.name for process in left)}")
    gentle = ((signal.SIGTERM, 5.0),)
    await asyncio.gather(*(processes.end(each, *(STOP if each.name == "postgres" else gentle)) for each in left))


@contextlib.contextmanager
def _timed(program: Program, say: Say) -> Generator[None]:
    begun = time.monotonic()
    yield
    say(f"  {LABELS.get(program.name, program.name):<20}{time.monotonic() - begun:5.1f} s")


def _stopping_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    # A shell starts what it puts in the background with interrupts ignored, and they are meant for us all the same.
    # An ignored hang-up is the opposite: that is what nohup asks for.
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    for name in (signal.SIGINT, signal.SIGTERM, *hang_up):
        loop.add_signal_handler(name, stopping.set)
    return stopping


async def _first_of(starting: asyncio.Task[Stack], stopping: asyncio.Event) -> None:
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _tell_log_ins(folder: Folder, announce: Say) -> None:
    try:
        entries = json.loads(folder.demo.read_text())
    except (FileNotFoundError, ValueError):
        return
    for entry in entries:
        announce(f"  {entry['role']:<10}{entry['email']:<34}{entry['password']}")
