"""Delete what nobody may keep any longer, and prove that everything else was removed on time (C8, C10, E70)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from kalecart import controls, tasks
from kalecart.clock import Clock
from kalecart.consent.purpose import HABITS_KEPT
from kalecart.database import Database, Tx
from kalecart.privacy import store_erasure, store_retention
from kalecart.privacy.erase import emptied
from kalecart.privacy.retention import BOOKS, CORRESPONDENCE, EMPLOYMENT, ON_RECORD
from kalecart.privacy.subject import Person

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
    kept = sum(each.held for each in due)
    removed = [("books", gone, kept), *await _removed_beside(db, now=now)]
    async with db.transaction() as tx:
        late = await store_retention.overdue(tx, now=now)
        for rule, count, held_back in removed:
            if count or held_back or rule == "books":
                await store_retention.record(tx, rule, gone=count, held=held_back, now=now)
        detail = f"{gone} rows deleted, {kept} people under a hold, {sum(count for _, count in late)} rows overdue"
        await controls.record_control(tx, CONTROL, passed=not late, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    for rule, count in late:
        log.error("kept_too_long", kind=rule, count=count)
    return gone


async def _removed_beside(db: Database, *, now: datetime) -> Sequence[tuple[str, int, int]]:
    """What other rules removed: `(rule, how much, how much a hold keeps)`."""
    async with db.transaction() as tx:
        requests = await store_retention.forget_requests(tx, before=now - ON_RECORD, limit=BATCH_MAX)
        paper = await store_retention.forget_paper(tx, before=now - ON_RECORD, limit=BATCH_MAX)
    complaints = await _forget_complaints(db, now=now)
    silent, left = await _forget_silent(db, now=now), await _forget_left(db, now=now)
    habits = await _forget_habits(db, now=now)
    return [
        ("requests", *requests),
        ("complaints", *complaints),
        ("paper", paper, 0),
        ("correspondence", silent, 0),
        ("employment", left, 0),
        ("habits", habits, 0),
    ]


async def _forget_complaints(db: Database, *, now: datetime) -> tuple[int, int]:
    """How many were deleted, and how many a hold keeps. What went may have continued another: it is looked at next."""
    gone, last, held = 0, 1, 0
    while last:
        async with db.transaction() as tx:
            last, held = await store_retention.forget_complaints(tx, before=now - ON_RECORD, limit=BATCH_MAX)
        gone += last
    return gone, held


async def _forget_silent(db: Database, *, now: datetime) -> int:
    """Erase people without an account whose letters are old; how many. Letters to them keep their number."""
    before = now - CORRESPONDENCE
    async with db.snapshot() as tx:
        people = await store_retention.silent(tx, before=before, limit=BATCH_MAX)
    forgotten = 0
    for person_id in people:
        async with db.transaction() as tx:
            # Whoever writes in this instant is waited for, and then is not silent any more.
            await store_erasure.lock_person(tx, Person.correspondent(person_id))
            if await store_retention.is_silent(tx, person_id, before=before):
                await _forget(tx, Person.correspondent(person_id), now=now)
                forgotten += 1
    return forgotten


async def _forget_left(db: Database, *, now: datetime) -> int:
    """Erase who left long ago; how many. What they did stays under a number that leads to nobody (E68)."""
    async with db.snapshot() as tx:
        people = await store_retention.left(tx, before=now - EMPLOYMENT, limit=BATCH_MAX)
    for staff_id in people:
        async with db.transaction() as tx:
            await _forget(tx, Person.staff(staff_id), now=now)
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


async def _forget(tx: Tx, person: Person, *, now: datetime) -> None:
    """What an erasure does, without a letter: nobody asked, and the time that was told is over."""
    await store_erasure.lock_person(tx, person)
    await store_erasure.end_access(tx, person, now=now)
    await emptied(tx, person, (), now=now)
