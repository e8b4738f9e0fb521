"""The shop that is measured: started for it, in a folder of its own, as durable as any."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.connection import Connection, request
from bench.extent import Extent
from bench.plan import Closed, Open, Plan, Trade
from bench.prepare import Parts, prepare
from kalecart.clock import SystemClock
from kalecart.payments.event import SETTLED_TYPES
from kalecart.payments.stripe import StripeGateway
from kalecart.settings import Settings
from local.folder import recorded_running
from local.owner import open_owner
from local.ports import HOST
from local.program import ROOT
from local.secrets import OWNER_ROLE
from local.stack import Stack
from local.up import Options, running_shop

# The time of a commit, so that "paid" is when others can see it and not when somebody meant to write it.
# And room for the connections of pgbench beside those of the shop.
SERVER: Final = {"track_commit_timestamp": "on", "max_connections": "100"}
BACKGROUND: Final = ("worker-1", "worker-2", "scheduler")
QUIET_POLL_S: Final = 0.1
# Work that is left: what is meant for later, such as a letter about a decline, is not.
OPEN: Final = "(state = 'running' OR state = 'pending' AND (due_at <= now() OR attempts > 0))"
_LEFT: Final = f"""
    SELECT topic, state, coalesce(last_error, 'no error') AS error, count(*) AS many FROM task
     WHERE {OPEN} GROUP BY 1, 2, 3 ORDER BY many DESC LIMIT 5
"""  # noqa: S608  # a constant
Say = Callable[[str], None]


class BenchFailed(Exception):
    """A measurement could not be made; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything a measurement needs."""

    stack: Stack
    parts: Parts
    trade: Trade
    extent: Extent
    seed: int
    folder: Path
    say: Say

    @property
    def port(self) -> int:
        return self.stack.ports["web"]

    @property
    def origin(self) -> str:
        return f"{HOST}:{self.port}"

    def running(self) -> dict[str, int]:
        """Process numbers by name."""
        return {process.name: process.pid for process in recorded_running(self.stack.folder)}

    async def load(self, name: str, shape: Closed | Open, what: dict[str, Any]) -> dict[str, Any]:
        """What the load generator, in a process of its own, reports of a plan."""
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(Plan(host=HOST, port=self.port, shape=shape, what=what).as_json()))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.load", str(file)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, cried = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode != 0:
            raise BenchFailed(f"the load generator failed: {cried.decode(errors='replace')[-1000:]}")
        return json.loads(said)

    @contextmanager
    def background_paused(self) -> Generator[None]:
        """Workers and scheduler stand still: what they would do is a measurement of its own."""
        pids = [pid for name, pid in self.running().items() if name in BACKGROUND]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    async def until_quiet(self, within_s: float = 90.0) -> float:
        """Wait until no task is left to do; returns how long that took."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while await self.count(f"SELECT count(*) FROM task WHERE {OPEN}"):  # noqa: S608  # a constant
            if loop.time() - begun > within_s:
                raise BenchFailed(f"the workers were not done within {within_s:.0f} s: {await self._left()}")
            await asyncio.sleep(QUIET_POLL_S)
        return loop.time() - begun

    async def _left(self) -> str:
        """Which kinds of work are not done, and why."""
        async with self.parts.db.direct() as pg:
            rows = await pg.fetch(_LEFT)
        return ", ".join(f"{row['many']} {row['topic']} {row['state']} ({row['error']})" for row in rows)

    async def count(self, statement: str, *arguments: Any) -> int:
        async with self.parts.db.direct() as pg:
            return int(await pg.fetchval(statement, *arguments))


@asynccontextmanager
async def open_scene(folder: Path, extent: Extent, *, seed: int, say: Say) -> AsyncGenerator[Scene]:
    """Start the shop, fill it, and make Stripe take its time."""
    options = Options(data_dir=folder / "shop", port=0, postgres=SERVER)
    async with running_shop(options, say=say) as stack:
        settings = owner_settings(stack)
        secret, hook = settings.stripe_secret_key, settings.stripe_webhook_secret
        async with (
            open_owner(settings) as owner,
            StripeGateway.open(
                secret.get_secret_value(),
                api_base=settings.stripe_api_base,
                webhook_secret=hook.get_secret_value(),
                shop_url=settings.public_url,
            ) as gateway,
        ):
            parts = Parts(db=owner.db, vault=owner.vault, gateway=gateway, clock=SystemClock())
            trade = await prepare(parts, shoppers=extent.people, seed=seed)
            await slow_stripe(stack, extent.stripe_latency_ms)
            yield Scene(stack=stack, parts=parts, trade=trade, extent=extent, seed=seed, folder=folder, say=say)


def owner_settings(stack: Stack) -> Settings:
    told = stack.environment(OWNER_ROLE).items()
    return Settings(**{name.removeprefix("KALE_").lower(): value for name, value in told})  # ty: ignore[invalid-argument-type]  # parsed by it


async def slow_stripe(stack: Stack, latency_ms: int) -> None:
    """Tell the stand-in how long to take for an answer, and to send what an endpoint at Stripe is registered for."""
    port = stack.ports["stripesim"]
    headers = {"Host": f"{HOST}:{port}", "Content-Type": "application/json"}
    told = {"latency_ms": latency_ms, "webhooks": {"events": sorted(SETTLED_TYPES)}}
    connection = await Connection.open(HOST, port)
    try:
        answer = await connection.ask(request("PUT", "/_sim/config", headers, json.dumps(told).encode()))
    finally:
        connection.close()
    if answer.status != 200:  # noqa: PLR2004  # HTTP's own
        raise BenchFailed(f"the Stripe stand-in refused its configuration: {answer.body!r}")
