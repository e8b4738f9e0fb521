"""A whole shop of real processes, with a gate on each of its lines and somebody who starts again what is killed."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
from sqlalchemy.engine import make_url

from chaos.gate import Gate, Line
from chaos.plan import GATES
from local.folder import held, record_running
from local.ports import HOST
from local.program import Program
from local.readiness import SaysReady
from local.stack import Stack
from local.supervisor import Supervisor
from local.up import Options, Say, start

RESTART_PAUSE_MAX_S: Final = 1.0
# Nobody may run out of goods: a refusal for want of kale proves nothing about money.
ROOMY: Final = (
    "UPDATE stock SET on_hand = 1000000",
    "UPDATE delivery_window SET capacity = 1000000",
)


@dataclass(kw_only=True)
class Stage:
    """What blows are struck at."""

    stack: Stack
    supervisor: Supervisor
    gates: Mapping[str, Gate]
    orders: Path  # to die: see kalecart.steps.obey
    session: aiohttp.ClientSession
    stopped_pids: set[int] = field(default_factory=set)

    @property
    def url(self) -> str:
        return self.stack.url

    def pid(self, name: str) -> int | None:
        """None while it is being started again."""
        running = self.supervisor.running().get(name)
        return running.pid if running is not None and running.alive() else None

    def signal(self, name: str, number: signal.Signals) -> int | None:
        """The pid that was sent it, or None where there was nobody."""
        pid = self.pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def orders_waiting(self) -> int:
        """How many orders to die nobody has come to carry out yet."""
        return sum(1 for _ in self.orders.iterdir())

    async def steer(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the stand-in's own interface, past the gate."""
        url = f"http://{HOST}:{self.stack.ports['stripesim']}/_sim/{path}"
        async with self.session.request(method, url, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    @asynccontextmanager
    async def database(self) -> AsyncGenerator[asyncpg.Connection]:
        """The owner's connection, past the gate."""
        url = make_url(self.stack.cluster.url()).set(drivername="postgresql")
        pg = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=5)
        try:
            yield pg
        finally:
            await pg.close(timeout=5)

    async def heal(self) -> None:
        """End everything that was done and lasts. What is dead is started again by the supervisor."""
        for order in self.orders.iterdir():
            order.unlink(missing_ok=True)
        for pid in list(self.stopped_pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.stopped_pids.clear()
        for gate in self.gates.values():
            if gate.line is not Line.OPEN:
                gate.set(Line.OPEN)
                gate.cut()
        # Whoever is being started again may not answer yet.
        await self.steered("DELETE", "faults")
        well = {"duplicate": 0.0, "reorder": 0.0, "lose": 0.0, "delay_ms": 0}
        await self.steered("PUT", "config", {"webhooks": well, "latency_ms": 0})

    async def steered(self, method: str, path: str, body: Any = None) -> None:
        """The same, as soon as the stand-in answers."""
        async with asyncio.timeout(120):
            while True:
                try:
                    await self.steer(method, path, body)
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(0.1)
                else:
                    return


@asynccontextmanager
async def set_up(data_dir: Path, *, say: Say) -> AsyncGenerator[Stage]:
    """The shop for as long as the block lasts; `say` hears what dies and comes back."""
    async with AsyncExitStack() as opened:
        folder = opened.enter_context(held(data_dir))
        gates = {name: await opened.enter_async_context(Gate()) for name in GATES}
        orders = folder.path / "orders"
        orders.mkdir(exist_ok=True)
        supervisor = Supervisor(
            folder.logs, say=say, record=partial(record_running, folder), pause_max_s=RESTART_PAUSE_MAX_S
        )
        opened.push_async_callback(supervisor.stop)
        options = Options(data_dir=data_dir, port=0)
        stack = await start(
            options, folder, supervisor, say=lambda _line: None, shop=lambda stack: _cast(stack, gates, orders)
        )
        session = await opened.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)))
        stage = Stage(stack=stack, supervisor=supervisor, gates=gates, orders=orders, session=session)
        async with stage.database() as pg:
            for statement in ROOMY:
                await pg.execute(statement)
        yield stage


def _cast(stack: Stack, gates: Mapping[str, Gate], orders: Path) -> Iterator[Program]:
    """The shop's own processes, with every line through its gate, and one scheduler more."""
    for name, gate in gates.items():
        gate.behind = stack.ports[name]
    gated = replace(stack, ports={**stack.ports, **{name: gate.port for name, gate in gates.items()}})
    for program in gated.shop():
        obedient = replace(program, environment={**program.environment, "KALE_KILL_ORDERS": str(orders)})
        yield obedient
        if program.name == "scheduler":
            says = SaysReady(stack.folder.logs / "scheduler-2.log")
            yield replace(obedient, name="scheduler-2", before=says.begin, ready=says.ready)
