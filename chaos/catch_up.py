"""What the clock asks for within minutes, asked for at once: nobody waits here for the next slot.

A webhook that is lost for good is found by reading Stripe's list of events, every two minutes. The banks are hurried,
and what they say is read the same way.
"""

import asyncio
import contextlib
from typing import Final

import aiohttp

from chaos.stage import Stage
from kalecart import tasks
from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.jobs import BackfillEvents

# As long as the last shoppers stay, and once more: banks that take money back do so only after they gave it.
ROUNDS: Final = 4
ROUND_S: Final = 3.0


async def caught_up(stage: Stage) -> None:
    """A few rounds of it, from the moment that the last fault is over."""
    db = Database(stage.stack.cluster.url(), pool_size_max=2, application="kalecart chaos")
    try:
        for number in range(ROUNDS):
            await stage.steered("POST", "hurry")
            await _promise(db, number)
            # Stripe tries again later and later; nobody waits for that either.
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(ROUND_S):
                    await stage.steer("POST", "webhooks/flush")
            await asyncio.sleep(ROUND_S)
    finally:
        await db.close()


async def _promise(db: Database, number: int) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                async with db.transaction() as tx:
                    job = BackfillEvents(slot=f"after the last fault {number}")
                    await tasks.promise(tx, job, now=SystemClock().now(), hinted=False)
            except Unavailable:
                await asyncio.sleep(0.2)
            else:
                return
