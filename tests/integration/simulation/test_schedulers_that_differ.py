"""Ticks of two schedulers: where their clocks differ, who was first is part of the year."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import sqlalchemy as sa

from simulation.processes import Processes
from simulation.shop import open_shop
from tests.integration.simulation.conftest import PLAN, place_of
from tests.server import Clone, Server

TOOK = sa.text("SELECT DISTINCT taken_by FROM timed_run")
TURNS = 6


async def test_whose_clock_is_wrong_takes_the_slots_of_an_instant_only_where_they_come_first(
    clone: Clone, server: Server, tmp_path: Path
) -> None:
    """Together they would share the slots out as it happens, each with an instant of its own."""
    took, first = [], []
    async with open_shop(place_of(clone, server, tmp_path), PLAN.start, seed=1) as shop:
        shop.walls["south"].off = timedelta(seconds=40)
        for turn in range(TURNS):
            names, chance = ["north", "south"], Random(turn)
            chance.shuffle(names)
            async with shop.at["owner"].db.transaction() as tx:
                await tx.execute(sa.text("DELETE FROM timed_run"))
            await Processes(shop, partial(_drawn, turn)).tick()
            async with shop.at["owner"].db.snapshot() as tx:
                took.append(list((await tx.scalars(TOOK)).all()))
            first.append([f"scheduler:{names[0]}:1"])

    assert took == first
    assert len({name for (name,) in first}) > 1


def _drawn(turn: int, _what: str) -> Random:
    return Random(turn)
