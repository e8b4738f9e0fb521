"""The Stripe stand-in for tests: in this process with a clock of its own, or as the real process that can be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import stripe
from aiohttp import web
from aiohttp.test_utils import TestServer

from stripesim import API_VERSION
from stripesim.app import Options, make_app
from tests import stripe_published

SECRET_KEY, PUBLISHABLE_KEY = "sk_test_house", "pk_test_house"
WEBHOOK_SECRET = "whsec_house"
PATIENCE_S = 120.0
START_S = 1_793_642_400.0  # 2 November 2026
ROOT = Path(__file__).parents[1]


@dataclass
class Ticker:
    """The time in seconds, moved by the test."""

    at: float = START_S

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@dataclass(kw_only=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> dict[str, Any]:
        return self.body["error"]


@dataclass(kw_only=True)
class Caller:
    """Asks over plain HTTP, to see what the official package hides; holds every answer against what is published."""

    base: str
    session: aiohttp.ClientSession
    ticker: Ticker = field(default_factory=Ticker)
    seen: set[tuple[str, str, bool]] = field(default_factory=set)

    async def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        auth: str = SECRET_KEY,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {auth}"} | ({"Idempotency-Key": key} if key else {})
        values = {name: str(value) for name, value in (form or {}).items()}
        given: dict[str, Any] = {"params": values} if method == "GET" else {"data": values}
        async with self.session.request(method, self.base + path, headers=headers, **given) as response:
            body = json.loads(await response.read())
            answer = Answer(status=response.status, body=body, headers=response.headers)
        if stripe_published.PUBLISHED.exists() and auth == SECRET_KEY:
            stripe_published.hold_answer(method, path, answer.status, body)
            self.seen.add((method, stripe_published.template_of(path), answer.status == 200))
        return answer

    async def get(self, path: str, **form: Any) -> Answer:
        return await self.ask("GET", path, form)

    async def post(self, path: str, form: Mapping[str, Any] | None = None, *, key: str | None = None) -> Answer:
        return await self.ask("POST", path, form, key=key)

    async def made(self, path: str, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What was made, by a request that must succeed."""
        answer = await self.post(path, form)
        assert answer.status == 200, answer.body
        return answer.body

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"{self.base}/_sim/{path}", json=body) as response:
            assert response.ok, await response.text()
            return await response.json()

    async def fault(self, kind: str, path: str = "", **rule: Any) -> None:
        await self.control("POST", "faults", {"kind": kind, "match": {"method": "POST", "path_regex": path}, **rule})

    async def struck(self) -> None:
        """Wait until a fault has happened to a request."""
        async with asyncio.timeout(PATIENCE_S):  # a bounded poll: a server sets no event
            while not any(rule["happened"] for rule in (await self.control("GET", "faults"))["faults"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def in_process(options: Options | None = None) -> AsyncIterator[Caller]:
    ticker = Ticker()
    # Not aiohttp's test server: that one gives up on a request whose caller has gone, which the real process does not.
    runner = web.AppRunner(make_app(options or Options(), now=ticker), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Caller(base=f"http://127.0.0.1:{runner.addresses[0][1]}", session=session, ticker=ticker)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def official(base: str) -> AsyncIterator[stripe.StripeClient]:
    """Stripe's own package, as the shop uses it."""
    transport = stripe.AIOHTTPClient()
    try:
        yield stripe.StripeClient(
            SECRET_KEY, base_addresses={"api": base}, http_client=transport, stripe_version=API_VERSION
        )
    finally:
        await transport.close_async()


@dataclass(kw_only=True)
class Sink:
    """A shop's webhook that keeps what it got, and refuses as many deliveries as it is told to."""

    url: str = ""
    refusals: int = 0
    got: list[tuple[bytes, str]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.refusals > 0:
            self.refusals -= 1
            return web.Response(status=503)
        self.got.append((body, request.headers["Stripe-Signature"]))
        return web.Response()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.got]


@asynccontextmanager
async def listening() -> AsyncIterator[Sink]:
    sink, app = Sink(), web.Application()
    app.router.add_post("/stripe/webhook", sink.receive)
    async with TestServer(app) as server:
        sink.url = str(server.make_url("/stripe/webhook"))
        yield sink


@dataclass(kw_only=True)
class Process:
    """The stand-in as it really runs."""

    base: str
    child: subprocess.Popen[str]

    def kill(self) -> None:
        self.child.kill()
        self.wait()

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        self.child.communicate(timeout=PATIENCE_S)
        return self.child.returncode


def started(*arguments: str) -> Process:
    command = [sys.executable, "-m", "stripesim", "--port", "0", *arguments]
    environment = {"PATH": os.defpath, "STRIPESIM_WEBHOOK_SECRET": WEBHOOK_SECRET}
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    line = child.stdout.readline() if child.stdout else ""
    if not line.startswith("stripesim: http"):
        raise AssertionError(child.communicate(timeout=PATIENCE_S)[1])
    return Process(base=line.removeprefix("stripesim: ").strip(), child=child)
