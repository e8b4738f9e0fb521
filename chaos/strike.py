"""Carrying out a plan: each blow at its time, and what came of it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import redis.asyncio

from chaos.gate import Line
from chaos.plan import Blow, Kind
from chaos.stage import Stage
from local.ports import HOST

ORDERS_MAX: Final = 3
ORDERS_WAIT_S: Final = 3.0
LINES: Final = {"slow": Line.SLOW, "deaf": Line.DEAF, "frozen": Line.FROZEN, "shut": Line.SHUT}


@dataclass(kw_only=True)
class Struck:
    """A blow and when it landed; `landed` is False where nobody was there to be hurt."""

    blow: Blow
    at_s: float
    landed: bool


@dataclass
class Striker:
    """`now` is seconds since the run began."""

    stage: Stage
    now: Callable[[], float]
    struck: list[Struck] = field(default_factory=list)
    _lasting: set[asyncio.Task[None]] = field(default_factory=set)

    async def carry_out(self, blows: Sequence[Blow]) -> None:
        for blow in blows:
            await asyncio.sleep(max(0.0, blow.at_s - self.now()))
            entry = Struck(blow=blow, at_s=self.now(), landed=False)
            self.struck.append(entry)
            try:
                async with asyncio.timeout(10):
                    entry.landed = await self._strike(blow)
            except (OSError, TimeoutError, aiohttp.ClientError, redis.RedisError):
                entry.landed = False  # it was down already

    async def end(self) -> None:
        """Nothing goes on by itself any more. Orders to die that nobody came to carry out did not land."""
        for task in self._lasting:
            task.cancel()
        await asyncio.gather(*self._lasting, return_exceptions=True)
        waiting = {order.name for order in self.stage.orders.iterdir()}
        for entry in reversed(self.struck):
            if entry.blow.kind is Kind.KILL_AT and entry.blow.target in waiting:
                waiting.discard(entry.blow.target)
                entry.landed = False

    def kills(self) -> int:
        """Processes ended by -9, or by PostgreSQL's immediate mode."""
        deadly = {Kind.KILL, Kind.KILL_AT, Kind.RESTART_POSTGRES}
        return sum(entry.landed and entry.blow.kind in deadly for entry in self.struck)

    async def _strike(self, blow: Blow) -> bool:  # noqa: PLR0911  # one for each kind of blow
        match blow.kind:
            case Kind.KILL:
                return self.stage.signal(blow.target, signal.SIGKILL) is not None
            case Kind.KILL_AT:
                return await self._order(blow.target)
            case Kind.RESTART_POSTGRES:
                return self.stage.signal("postgres", signal.SIGQUIT) is not None
            case Kind.WIPE_VALKEY:
                return await self._wipe()
            case Kind.FREEZE:
                return self._freeze(blow)
            case Kind.LINE | Kind.CUT:
                return self._spoil(blow)
            case Kind.STRIPE | Kind.WEBHOOKS:
                return await self._misguide(blow)

    async def _order(self, step: str) -> bool:
        """An order to die there. With many waiting, everybody would die as soon as they begin, and nothing go on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ORDERS_WAIT_S):
                while self.stage.orders_waiting() >= ORDERS_MAX:  # noqa: ASYNC110  # other processes carry them out
                    await asyncio.sleep(0.05)
        order = self.stage.orders / step
        already = order.exists()
        order.touch()
        return not already

    async def _wipe(self) -> bool:
        stack = self.stage.stack
        url = f"redis://:{stack.secrets.valkey}@{HOST}:{stack.ports['valkey']}/0"
        async with redis.asyncio.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            await client.flushall()
        return True

    def _freeze(self, blow: Blow) -> bool:
        pid = self.stage.signal(blow.target, signal.SIGSTOP)
        if pid is None:
            return False
        self.stage.stopped_pids.add(pid)
        self._later(blow.for_s, lambda: self._thaw(pid))
        return True

    def _thaw(self, pid: int) -> None:
        self.stage.stopped_pids.discard(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def _spoil(self, blow: Blow) -> bool:
        gate = self.stage.gates[blow.target]
        if blow.kind is Kind.CUT:
            gate.cut()
            return True
        line = LINES[blow.detail["how"]]
        gate.set(line, delay_s=blow.detail.get("delay_s", 0.0))

        def mend() -> None:
            gate.set(Line.OPEN)
            if line in {Line.DEAF, Line.FROZEN}:
                gate.cut()  # what was held back never arrives: that is how such a line ends

        self._later(blow.for_s, mend)
        return True

    async def _misguide(self, blow: Blow) -> bool:
        if blow.kind is Kind.STRIPE:
            call, fault = blow.detail["call"], blow.detail["fault"]
            limits = {"times": blow.detail["times"], "probability": blow.detail["probability"]}
            match = {"method": "POST", "path_regex": call}
            await self.stage.steer("POST", "faults", {"kind": fault, "match": match, "delay_ms": 1500, **limits})
            return True
        await self.stage.steer("PUT", "config", {"webhooks": blow.detail})
        well = dict.fromkeys(blow.detail, 0)

        async def behave() -> None:
            await asyncio.sleep(blow.for_s)
            with contextlib.suppress(OSError, aiohttp.ClientError):  # a new process behaves by itself
                await self.stage.steer("PUT", "config", {"webhooks": well})

        self._keep(asyncio.create_task(behave()))
        return True

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        async def wait() -> None:
            await asyncio.sleep(after_s)
            act()

        self._keep(asyncio.create_task(wait()))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._lasting.add(task)
        task.add_done_callback(self._lasting.discard)
