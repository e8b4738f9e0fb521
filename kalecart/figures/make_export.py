"""Write a file of released figures, as a role that can read releases and nothing else (C6)."""

from collections.abc import Sequence
from uuid import UUID

from kalecart import audit, tasks
from kalecart.analytics.quarter import Quarter
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.figures import reads, store
from kalecart.figures.export import SUBJECT
from kalecart.figures.files import lines_in, written
from kalecart.figures.published import Published


async def make_export(export_id: UUID, held: tasks.Held | None, *, db: Database, clock: Clock) -> bool:
    """Whether there is a file now. From the first statement to the last of what it says, the transaction belongs to the
    role `kale_export`; where something else was asked for there is none, and that is on record.
    """
    now = clock.now()
    async with db.transaction() as tx:
        await store.become_writer(tx)
        asked = await store.asked_for(tx, export_id)
        found = await _published(tx, asked[0]) if asked else None
        if asked and found:
            content = written(found, asked[1], now=now)
            await store.write(tx, export_id, content, lines=lines_in(found), now=now)
        elif asked:
            await store.refuse(tx, export_id, reason="not_released", now=now)
        await store.become_oneself(tx)
        if asked:
            act = "figures_export_made" if found else "figures_export_refused"
            await audit.record(tx, act, by=audit.SHOP, subject=(SUBJECT, export_id), now=now)
        await tasks.finish(tx, held, now=now)
    return bool(found)


async def _published(tx: Tx, keys: Sequence[str]) -> Sequence[Published] | None:
    """All of these releases in their order, or None where one of them is none."""
    periods = await reads.periods_of(tx, keys)
    found: dict[str, Published] = {}
    for period in sorted(set(periods.values())):
        figures = await reads.of_quarter(tx, Quarter.parse(period))
        found |= {each.key: each for each in figures.releases}
    return [found[key] for key in keys] if all(key in found for key in keys) else None
