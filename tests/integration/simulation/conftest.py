"""A short and busy year, lived once for all that is asked of it."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from kalecart.customers import passwords
from simulation.shop import Place, open_shop
from simulation.year import Lived, Plan, live
from tests.server import Clone, Server

# Across the day on which clocks go back. Of this seed there is something of everything that people do.
PLAN = Plan(seed=5, first_day=date(2027, 10, 3), days=34, shoppers=7, orders_a_day=0.5, often=4, ticks_a_day=0)


def place_of(clone: Clone, server: Server, folder: Path) -> Place:
    def url_of(role: str) -> str:
        return clone.url(None if role == "owner" else f"kale_{role}")

    beside = {"anchor_file": folder / "anchors.jsonl", "tombstone_file": folder / "tombstones.jsonl"}
    return Place(url_of=url_of, master_key_file=server.master_key_file, **beside)


@pytest_asyncio.fixture(scope="package")
async def lived(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    clone = await server.cloned()
    place = place_of(clone, server, tmp_path_factory.mktemp("year"))
    async with open_shop(place, PLAN.start, seed=PLAN.seed) as shop:
        with passwords.costing(passes=1, memory_kib=64):
            done = await live(PLAN, shop)
        yield done
    await server.dropped(clone)
