"""Kill anything with -9 while orders are placed: none acknowledged is lost, none is charged twice."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientError

from tests.fault.books import Books, read_books
from tests.live import LiveShop, kill

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("live")]

ORDERS = 200
AT_ONCE = 8
KILL_EVERY_S = 2.0
SETTLED_WITHIN_S = 150.0
STILL_COMING_BACK = (OSError, ClientError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[LiveShop]:
    shop = LiveShop(tmp_path / "shop")
    await shop.start()
    yield shop
    await shop.stop()


async def kill_something_now_and_then(shop: LiveShop, chance: random.Random, killed: list[str]) -> None:
    while True:
        await asyncio.sleep(KILL_EVERY_S)  # the pace of the murders, not a wait for anything
        pid, command = chance.choice(sorted(shop.children().items()) or [(0, "")])
        if pid:
            kill(pid)
            killed.append(command)


async def settled(shop: LiveShop) -> Books:
    """The books once nothing is promised any more. Bounded: what never settles fails here."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while True:
            try:
                books = await read_books(shop)
            except STILL_COMING_BACK:
                books = None
            if books is not None and books.settled():
                return books
            await asyncio.sleep(0.2)  # a bounded poll of another process


async def test_killing_any_process_loses_no_acknowledged_order_and_charges_none_twice(
    shop: LiveShop, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("randomly_seed", default=None) or 1
    killed: list[str] = []
    murderer = asyncio.create_task(kill_something_now_and_then(shop, random.Random(seed), killed))

    code, said = await shop.command(
        *("demo", "--url", shop.url, "--orders", str(ORDERS), "--at-once", str(AT_ONCE), "--patience", "90", "--json"),
    )
    murderer.cancel()
    acknowledged = {order["id"] for order in json.loads(said[said.index("{") :])["orders"]}
    books = await settled(shop)

    assert len(killed) >= 10, "too few were killed for this to prove anything"
    assert code == 0, said[-2000:]
    assert len(acknowledged) == ORDERS
    assert acknowledged <= books.paid()
    assert books.charged_twice() == set()
    assert books.disagreements() == []


async def test_killing_the_whole_tree_and_starting_again_loses_nothing(shop: LiveShop) -> None:
    demo = asyncio.create_task(
        shop.command("demo", "--url", shop.url, "--orders", "20", "--at-once", "4", "--patience", "90", "--json")
    )
    while not (await read_books(shop)).orders:
        await asyncio.sleep(0.1)  # a bounded poll: the demo gives up by itself

    await shop.kill_the_tree()
    await shop.start()
    code, said = await demo
    books = await settled(shop)

    assert code == 0, said[-2000:]
    assert {order["id"] for order in json.loads(said[said.index("{") :])["orders"]} <= books.paid()
    assert books.charged_twice() == set()
    assert books.disagreements() == []
