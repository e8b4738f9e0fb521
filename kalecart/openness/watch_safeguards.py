"""See that what nobody but the owner's machine can do is done: backups, and the drill that restores one (C8)."""

from typing import Final

from kalecart import tasks
from kalecart.alerts import close_alerts
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.openness.reads import checked

WRONG: Final = "safeguard_wrong"


async def watch_safeguards(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """An alert for each stays open for as long as its last run is too old, or did not hold."""
    async with db.transaction() as tx:
        now = clock.now()
        ours = [each for each in await checked(tx, now=now) if each.control.from_outside]
        for each in ours:
            if each.state.wrong:
                await tasks.raise_alert(tx, WRONG, each.control.name, now=now)
        await close_alerts(tx, WRONG, [each.control.name for each in ours if not each.state.wrong], now=now)
        await tasks.finish(tx, held, now=now)
