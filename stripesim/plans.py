"""What will happen by itself at a given time: promised in the transaction that causes it, and kept across restarts."""

import asyncio
from collections.abc import Callable, Mapping

from stripesim.errors import ApiError
from stripesim.world import PLAN, PLAN_DONE, Transaction, World, new_id

TICK_S = 0.1

Happening = Callable[[Transaction, str], None]


def promise(tx: Transaction, kind: str, ident: str, *, after_s: float) -> None:
    at = tx.world.now() + after_s
    tx.record(PLAN, {"id": new_id("plan"), "kind": kind, "object": ident, "at": at})


def perform_due(world: World, happenings: Mapping[str, Happening], *, ahead_s: float = 0.0) -> None:
    """Let everything happen whose time has come, each with the note that it has, in one transaction."""
    until = world.now() + ahead_s
    for plan in sorted((plan for plan in world.plans.values() if plan["at"] <= until), key=lambda plan: plan["at"]):
        tx = world.begin()
        try:
            happenings[plan["kind"]](tx, plan["object"])
        except ApiError:  # it can no longer happen: what it was about is gone
            tx = world.begin()
        tx.record(PLAN_DONE, {"id": plan["id"]})
        tx.commit()


async def keep_performing(world: World, happenings: Mapping[str, Happening]) -> None:
    while True:
        perform_due(world, happenings)
        await asyncio.sleep(TICK_S)
