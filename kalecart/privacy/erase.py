"""Erase a person who asked for it: the account closes at once, a letter goes out, then the key is destroyed (C10).

The letter says what is erased and what is kept, and where to read on; it has to be handed to the mail server while the
address can still be opened. What is in the way keeps only the details it needs, and goes by itself once it is over
(E63). Every step is one transaction that can be repeated: whoever dies in between leaves a person as before the step.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from kalecart import audit, tasks, tombstones
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import NotFound, NotYet
from kalecart.ids import CustomerId, RequestId
from kalecart.jobs import ForgetAtStripe, MailKind, SendMail
from kalecart.privacy import reads_erasure, store, store_erasure
from kalecart.privacy.request import State
from kalecart.steps import step

# The mail server is asked this often, and for so long.
LOOK_AGAIN: Final = timedelta(seconds=3)
LETTER_WAITS: Final = timedelta(hours=1)

log = structlog.get_logger()


async def erase_person(
    customer_id: CustomerId, held: tasks.Held | None, *, request_id: UUID | None = None, db: Database, clock: Clock
) -> bool:
    """Whether nothing is left but the books; False where holds keep details until they end, or staff refused in time.

    Raises NotFound for somebody who never was, NotYet while the letter that says good-bye is on its way.
    """
    now = clock.now()
    async with db.transaction() as tx:
        if await _refused(tx, customer_id, request_id):
            await tasks.finish(tx, held, now=now)
            return False
        told = await _close(tx, customer_id, request_id, now=now)
    if not told:
        raise NotYet("The letter that says so goes out first.", after=now + LOOK_AGAIN)
    async with db.transaction() as tx:
        whole = await _erase(tx, customer_id, now=now)
        if request_id is not None:
            await store.answer(tx, RequestId(request_id), now=now)
        await tasks.finish(tx, held, now=now)
        step("erase.emptied")
    return whole


async def _refused(tx: Tx, customer_id: CustomerId, request_id: UUID | None) -> bool:
    """Whether staff said no before the work began; once it has, they no longer can."""
    if request_id is None or await store_erasure.lock_person(tx, customer_id) is None:
        return False
    request = await store.find(tx, RequestId(request_id), lock=True)
    return request is not None and request.state is State.REFUSED


async def erase_again(customer_id: CustomerId, *, db: Database, clock: Clock) -> bool:
    """After a restore: empty once more what an older copy brought back of somebody whose key is destroyed (E67).

    Without a letter, which went out the first time. False for somebody whom the copy does not have.
    """
    now = clock.now()
    async with db.transaction() as tx:
        person = await store_erasure.lock_person(tx, customer_id)
        if person is None:
            return False
        await store_erasure.begin(
            tx, customer_id, request_id=None, stripe_customer_id=person.stripe_customer_id, now=now
        )
        await store_erasure.end_access(tx, customer_id)
        await _erase(tx, customer_id, now=now)
    return True


async def _close(tx: Tx, customer_id: CustomerId, request_id: UUID | None, *, now: datetime) -> bool:
    """Close the account and promise the letter, once; whether the letter needs to be waited for no longer."""
    person = await store_erasure.lock_person(tx, customer_id)
    if person is None:
        raise NotFound("There is no such customer.")
    first = await store_erasure.begin(
        tx, customer_id, request_id=request_id, stripe_customer_id=person.stripe_customer_id, now=now
    )
    erasure = await reads_erasure.erasure_of(tx, customer_id)
    assert erasure is not None
    if not first:
        return erasure.ended_at is not None or await reads_erasure.letter_is_out(
            tx, erasure.id, now=now, wait=LETTER_WAITS
        )
    await store_erasure.end_access(tx, customer_id)
    await store_erasure.note(tx, erasure.id, await store_erasure.holds(tx, customer_id), now=now)
    letter = SendMail(kind=MailKind.ERASURE, subject=customer_id, occasion=str(erasure.id))
    await tasks.promise(tx, letter, now=now, hinted=False)
    await audit.record(tx, "erasure_begun", by=audit.SHOP, subject=("customer", customer_id), now=now)
    return False


async def _erase(tx: Tx, customer_id: CustomerId, *, now: datetime) -> bool:
    """Everything no hold keeps, in one transaction; with nothing in the way the key as well."""
    await store_erasure.lock_person(tx, customer_id)
    erasure = await reads_erasure.erasure_of(tx, customer_id)
    assert erasure is not None
    if erasure.ended_at is not None:
        return True
    in_the_way = await store_erasure.holds(tx, customer_id)
    await store_erasure.note(tx, erasure.id, in_the_way, now=now)
    # Before the packages: whoever is making one finds out, or has made it and it is emptied with the others.
    await store.close_erased(tx, customer_id, now=now)
    touched = await store_erasure.empty(tx, customer_id, in_the_way)
    for package in await store_erasure.packages(tx, customer_id):
        await tombstones.shred(tx, package, now=now, scope="package")
    if not in_the_way:
        await store_erasure.drop_letters(tx, customer_id)
        await tombstones.shred(tx, customer_id, now=now)
        await store_erasure.end(tx, erasure.id, now=now)
        await tasks.promise(tx, ForgetAtStripe(erasure_id=erasure.id), now=now, hinted=False)
        await audit.record(tx, "erased", by=audit.SHOP, subject=("customer", customer_id), now=now)
    log.info("person_erased", customer_id=customer_id, count=touched, status="held" if in_the_way else "whole")
    return not in_the_way
