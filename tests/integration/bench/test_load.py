"""The generator against a server whose answers are known."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.connection import request
from bench.journeys import Prepared
from bench.load import drive
from bench.plan import Closed, Open, Plan
from bench.processes import cpu_seconds, megabytes, used

STALL_S = 0.3


class Counter:
    """Answers at once, but for one that holds up the whole server."""

    def __init__(self, stalls_at: int | None = None) -> None:
        self.seen = 0
        self.stalls_at = stalls_at
        self.free = asyncio.Event()
        self.free.set()

    async def answer(self, _request: web.Request) -> web.Response:
        self.seen += 1
        if self.seen == self.stalls_at:
            self.free.clear()
            asyncio.get_running_loop().call_later(STALL_S, self.free.set)
        await self.free.wait()
        return web.Response(text="ok")

    async def fail(self, _request: web.Request) -> web.Response:
        return web.Response(status=500, text="no")

    async def hang_up(self, asked: web.Request) -> web.Response:
        assert asked.transport is not None
        asked.transport.abort()
        return web.Response()


@pytest_asyncio.fixture
async def counter() -> Counter:
    return Counter()


@pytest_asyncio.fixture
async def server(counter: Counter) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.add_routes(
        [web.get("/", counter.answer), web.get("/failing", counter.fail), web.get("/dropping", counter.hang_up)]
    )
    async with TestServer(app) as running:
        yield running


async def driven(server: TestServer, shape: Closed | Open, path: str = "/") -> dict:
    asked = Prepared(requests=[request("GET", path, {"Host": "shop"})], expect=200)
    return await drive(Plan(host="127.0.0.1", port=server.port or 0, shape=shape, what={}), asked)


async def test_a_closed_loop_ends_when_its_journeys_are_used_up(server: TestServer, counter: Counter) -> None:
    report = await driven(server, Closed(shoppers=4, seconds=30.0, journeys_max=50))
    assert (report["done"], report["failed"], report["measured"], counter.seen) == (50, 0, 50, 50)
    assert report["per_second"] > 0


async def test_a_closed_loop_ends_when_its_time_is_over(server: TestServer) -> None:
    report = await driven(server, Closed(shoppers=2, seconds=0.2))
    assert report["done"] == report["measured"] >= 2  # each shopper begins, however little the machine does in the time
    assert report["seconds"] >= 0.2


async def test_an_open_loop_sends_what_was_meant_to_be_sent(server: TestServer, counter: Counter) -> None:
    report = await driven(server, Open(per_second=100.0, seconds=0.4, warm_up_s=0.1))
    assert (report["done"], report["measured"], counter.seen) == (50, 40, 50)


async def test_a_stall_is_in_the_figures_of_everybody_who_came_meanwhile(server: TestServer, counter: Counter) -> None:
    """No coordinated omission: one slow answer in a hundred is a third of the shoppers waiting."""
    counter.stalls_at = 10
    report = await driven(server, Open(per_second=100.0, seconds=1.0))
    ms = report["latency_ms"]
    assert report["done"] == 100
    assert ms["most"] >= STALL_S * 1000 * 0.9
    assert ms["p90"] >= STALL_S * 1000 * 0.4


async def test_what_fails_is_counted_and_never_a_sample(server: TestServer) -> None:
    report = await driven(server, Closed(shoppers=2, seconds=30.0, journeys_max=6), "/failing")
    assert (report["done"], report["failed"], report["latency_ms"]) == (0, 6, None)
    assert "500 instead of 200" in report["failures"][0]


async def test_a_dropped_connection_is_a_failure_and_not_the_end(server: TestServer) -> None:
    report = await driven(server, Closed(shoppers=2, seconds=30.0, journeys_max=6), "/dropping")
    assert (report["done"], report["failed"]) == (0, 6)


def test_a_process_has_memory_and_has_used_time() -> None:
    me = {"me": os.getpid()}
    before = cpu_seconds(me)
    total = sum(number * number for number in range(1_000_000))
    after = cpu_seconds(me)
    assert total > 0
    assert megabytes(me)["me"] > 1
    assert used(before, after, each=1)["me"] > 0
    assert megabytes({"gone": 2**22 + 1}) == {}
