"""Tell every customer and every employee of a new version of the policy, each once (C9)."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from kalecart import controls, tasks
from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.jobs import MailKind, SendMail
from kalecart.openness import reads, store
from kalecart.policy import store as policy

BATCH_MAX: Final = 500
# Long enough for a holiday that is not a long one; whoever is away longer reads it before they work again (E88).
STAFF_READ_WITHIN: Final = timedelta(days=14)
NOBODY: Final = UUID(int=0)


async def tell_policy(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Everybody who was not told yet, in batches, each letter promised together with the row; returns how many.

    Killed in between, the next run goes on: a row is there once, and a version is told when no customer is left.
    """
    told = await _tell_staff(db, clock)
    async with db.snapshot() as tx:
        versions = await policy.untold(tx)
    for version in versions:
        told += await _tell_customers(version, db, clock)
    now = clock.now()
    async with db.transaction() as tx:
        missing = await reads.missing(tx)
        detail = f"{missing} people without word of a version"
        await controls.record_sometimes(tx, "policy_told", passed=not missing, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)
    return told


async def _tell_staff(db: Database, clock: Clock) -> int:
    now = clock.now()
    async with db.transaction() as tx:
        found = await store.add_staff(tx, today=shop_date(now), by=now + STAFF_READ_WITHIN, now=now)
        await tasks.promise_each(tx, [_letter(person_id, version) for person_id, version in found], now=now)
    return len(found)


async def _tell_customers(version: str, db: Database, clock: Clock) -> int:
    after, told = NOBODY, 0
    while True:
        now = clock.now()
        async with db.transaction() as tx:
            found = await store.add_customers(tx, version, after=after, most=BATCH_MAX, now=now)
            await tasks.promise_each(tx, [_letter(person_id, version) for person_id in found], now=now)
            if not found:
                await policy.mark_told(tx, version, now=now)
                return told
        after, told = found[-1], told + len(found)


def _letter(person_id: UUID, version: str) -> SendMail:
    return SendMail(kind=MailKind.POLICY_CHANGED, subject=person_id, occasion=version)
