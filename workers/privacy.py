"""Actors of the queue `privacy`: what needs the log-in that may read everything about a person."""

from kalecart import tasks
from kalecart.jobs import KeepTombstone
from kalecart.runtime import Runtime
from kalecart.stones_file import keep_stones


async def keep_tombstone(_job: KeepTombstone, held: tasks.Held, runtime: Runtime) -> None:
    await keep_stones(held, db=runtime.db, clock=runtime.clock, file=runtime.settings.tombstone_file)
