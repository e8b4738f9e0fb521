"""Delete what nobody may keep any longer, and prove that everything else was removed on time (C8, C10, E70)."""

from datetime import datetime
from typing import Final

import structlog

from kalecart import controls, tasks, tombstones
from kalecart.clock import Clock
from kalecart.consent.purpose import HABITS_KEPT
from kalecart.correspondents import store as correspondents
from kalecart.database import Database
from kalecart.privacy import store_retention
from kalecart.privacy.retention import BOOKS, CORRESPONDENCE

CONTROL: Final = "retention"
BATCH_MAX: Final = 500
# A pseudonym takes its habits along, some hundreds of rows.
PSEUDONYMS_MAX: Final = 250

log = structlog.get_logger()


async def keep_no_longer(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """How many rows left the books. A person is one transaction: whoever dies in between has deleted some wholly.

    Whoever is under a hold is kept and counted.
    """
    now = clock.now()
    async with db.snapshot() as tx:
        due = await store_retention.due(tx, before=now - BOOKS, limit=BATCH_MAX)
    gone = 0
    for each in due:
        if not each.held:
            async with db.transaction() as tx:
                gone += await store_retention.forget(tx, each.person_id, before=now - BOOKS)
    silent = await _forget_silent(db, now=now)
    habits = await _forget_habits(db, now=now)
    kept = sum(each.held for each in due)
    async with db.transaction() as tx:
        late = await store_retention.overdue(tx, now=now)
        await store_retention.record(tx, "books", gone=gone, held=kept, now=now)
        if silent:
            await store_retention.record(tx, "correspondence", gone=silent, held=0, now=now)
        if habits:
            await store_retention.record(tx, "habits", gone=habits, held=0, now=now)
        detail = f"{gone} rows deleted, {kept} people under a hold, {sum(count for _, count in late)} rows overdue"
        await controls.record_control(tx, CONTROL, passed=not late, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    for rule, count in late:
        log.error("kept_too_long", kind=rule, count=count)
    return gone


async def _forget_silent(db: Database, *, now: datetime) -> int:
    """Erase people without an account whose letters are old; how many. Letters to them keep their number."""
    async with db.snapshot() as tx:
        people = await store_retention.silent(tx, before=now - CORRESPONDENCE, limit=BATCH_MAX)
    for person_id in people:
        async with db.transaction() as tx:
            await correspondents.forget(tx, person_id)
            await tombstones.shred(tx, person_id, now=now, scope="correspondent")
    return len(people)


async def _forget_habits(db: Database, *, now: datetime) -> int:
    """Delete the pseudonyms of quarters that are counted and over, and with each what was counted under it; how many.

    A few at a time, so that ten million rows are no long transaction.
    """
    gone, last = 0, PSEUDONYMS_MAX
    while last == PSEUDONYMS_MAX:
        async with db.transaction() as tx:
            last = await store_retention.forget_habits(tx, before=now - HABITS_KEPT, limit=PSEUDONYMS_MAX)
        gone += last
    return gone
