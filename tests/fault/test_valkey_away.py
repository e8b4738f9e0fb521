"""Valkey is killed and stays down: orders are placed, charged and shown paid, and hints work again when it is back."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.fault.books import read_books
from tests.live import LiveShop, kill
from tests.prepared import Prepared

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("live")]

ORDERS = 16
NOTICED_WITHIN_S = 120.0


@pytest.fixture
async def shop(tmp_path: Path, prepared: Prepared) -> AsyncIterator[LiveShop]:
    shop = LiveShop(tmp_path / "shop", prepared)
    await shop.start()
    yield shop
    await shop.stop()


async def keep_valkey_down(shop: LiveShop) -> None:
    """The supervisor starts it again and again, later each time."""
    while True:
        for pid in [pid for pid, command in shop.children().items() if "valkey-server" in command]:
            kill(pid)
        await asyncio.sleep(0.02)  # a bounded poll: the test ends this task


async def asked(shop: LiveShop, question: str) -> list[Any]:
    url = make_url(shop.environment("doctor")["KALE_DATABASE_URL"]).set(drivername="postgresql")
    pg = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        return await pg.fetch(question)
    finally:
        await pg.close()


async def all_workers_say(shop: LiveShop, mode: str) -> None:
    alive = "SELECT DISTINCT mode FROM heartbeat WHERE name LIKE 'worker:%' AND beat_at > now() - interval '12 seconds'"
    async with asyncio.timeout(NOTICED_WITHIN_S):
        while [row["mode"] for row in await asked(shop, alive)] != [mode]:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.2)


async def ordered(shop: LiveShop, orders: int) -> dict[str, Any]:
    code, said = await shop.command(
        *("demo", "--url", shop.url, "--orders", str(orders), "--at-once", "4", "--patience", "180", "--json")
    )
    outcome = json.loads(said[said.index("{") :])
    assert (code, outcome["failures"]) == (0, [])
    return outcome


async def charged_by_a_hint(shop: LiveShop) -> bool:
    """Whether, of some orders, there is one for which no sweeper had to help."""
    hinted = ", ".join(f"'{order['id']}'" for order in (await ordered(shop, 4))["orders"])
    charges = await asked(
        shop, f"SELECT state, pushes FROM task WHERE topic = 'charge_order' AND arguments ->> 'order_id' IN ({hinted})"
    )
    # Stripe's event may have made an order paid a moment before the task that charged it is done.
    return any((row["state"], row["pushes"]) == ("done", 0) for row in charges)


async def test_with_valkey_down_orders_are_placed_charged_and_shown_paid_and_hints_work_again_afterwards(
    shop: LiveShop,
) -> None:
    """E40: what is ordered meanwhile is never charged and forgotten. The demo's shoppers wait until it says paid."""
    murderer = asyncio.create_task(keep_valkey_down(shop))
    try:
        await all_workers_say(shop, "direct")
        meanwhile = await ordered(shop, ORDERS)
        books = await read_books(shop)
    finally:
        at_large = murderer.cancel()  # or it would look for its victim to the end of the run
    assert at_large, murderer
    await all_workers_say(shop, "hints")
    async with asyncio.timeout(NOTICED_WITHIN_S):
        while not await charged_by_a_hint(shop):
            pass  # on a crowded machine all of them may wait for as long as a sweeper does; without hints all always do

    acknowledged = {order["id"] for order in meanwhile["orders"]}
    assert len(acknowledged) == ORDERS
    assert acknowledged <= books.paid()
    assert books.charged_twice() == set()
    assert books.disagreements() == []
