"""Erase a person who asked for it: the account closes at once, a letter goes out, then the key is destroyed (C10).

The letter says what is erased and what is kept, and where to read on; it has to be handed to the mail server while the
address can still be opened. What is in the way keeps only the details it needs, and goes by itself once it is over
(E63). Customers, people without an account and who no longer works here go the same way; who still does is not erased.
Every step is one transaction that can be repeated: whoever dies in between leaves a person as before the step.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from kalecart import audit, tasks, tombstones
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import NotFound, NotYet
from kalecart.ids import RequestId
from kalecart.jobs import ForgetAtStripe, MailKind, SendMail, WatchPaper
from kalecart.paper import store as paper
from kalecart.privacy import reads_erasure, store, store_erasure
from kalecart.privacy.hold import Held
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import BY_CODE, State
from kalecart.privacy.subject import Person, PersonKind
from kalecart.steps import step

# The mail server is asked this often, and for so long.
LOOK_AGAIN: Final = timedelta(seconds=3)
LETTER_WAITS: Final = timedelta(hours=1)

log = structlog.get_logger()


async def erase_person(
    person: Person, held: tasks.Held | None, *, request_id: UUID | None = None, db: Database, clock: Clock
) -> bool:
    """Whether nothing is left but the books; False where holds keep details until they end, or it was refused in time.

    Raises NotFound for somebody who never was, NotYet while the letter that says good-bye is on its way.
    """
    now = clock.now()
    async with db.transaction() as tx:
        if await _refused(tx, person, request_id, now=now):
            await tasks.finish(tx, held, now=now)
            return False
        told = await _close(tx, person, request_id, now=now)
    if not told:
        raise NotYet("The letter that says so goes out first.", after=now + LOOK_AGAIN)
    async with db.transaction() as tx:
        whole = all([await _erase(tx, each, now=now) for each in await store_erasure.begun_with(tx, person)])
        if request_id is not None:
            await store.answer(tx, RequestId(request_id), now=now)
        await tasks.finish(tx, held, now=now)
        step("erase.emptied")
    return whole


async def _refused(tx: Tx, person: Person, request_id: UUID | None, *, now: datetime) -> bool:
    """Whether staff said no before the work began; once it has, they no longer can. Who works here is refused."""
    found = await store_erasure.lock_person(tx, person)
    if found is None:
        return False
    request = await store.find(tx, RequestId(request_id), lock=True) if request_id else None
    if not found.may_go and request is not None and request.open:
        await store.move(tx, request, State.REFUSED, now=now, refusal=Reason.LEGAL)
        letter = SendMail(kind=MailKind.REQUEST_ANSWERED, subject=person.id, occasion=str(request_id))
        await tasks.promise(tx, letter, now=now, hinted=False)
    return not found.may_go or (request is not None and request.state is State.REFUSED)


async def erase_again(person: Person, *, db: Database, clock: Clock) -> bool:
    """After a restore: empty once more what an older copy brought back of somebody whose key is destroyed (E67).

    Without a letter, which went out the first time. False for somebody whom the copy does not have.
    """
    now = clock.now()
    async with db.transaction() as tx:
        found = await store_erasure.lock_person(tx, person)
        if found is None:
            return False
        await store_erasure.begin(tx, person, request_id=None, stripe_customer_id=found.stripe_customer_id, now=now)
        await store_erasure.end_access(tx, person, now=now)
        await _erase(tx, person, now=now)
    return True


async def _close(tx: Tx, person: Person, request_id: UUID | None, *, now: datetime) -> bool:
    """Close the account and promise the letter, once; whether the letter needs to be waited for no longer."""
    found = await store_erasure.lock_person(tx, person)
    if found is None:
        raise NotFound(f"There is no such {person.kind}.")
    first = await store_erasure.begin(
        tx, person, request_id=request_id, stripe_customer_id=found.stripe_customer_id, now=now
    )
    erasure = await reads_erasure.erasure_of(tx, person.id)
    assert erasure is not None
    if not first:
        return erasure.ended_at is not None or await reads_erasure.letter_is_out(
            tx, erasure.id, now=now, wait=LETTER_WAITS
        )
    request = await store.find(tx, RequestId(request_id)) if request_id else None
    by_mailbox = request is not None and request.proof == BY_CODE
    for each in await store_erasure.same_person(tx, person, by_mailbox=by_mailbox):
        if each != person:
            await store_erasure.begin(tx, each, request_id=request_id, stripe_customer_id=None, now=now)
        await store_erasure.end_access(tx, each, now=now)
    await store_erasure.note(tx, erasure.id, await store_erasure.holds(tx, person.id, now=now), now=now)
    letter = SendMail(kind=MailKind.ERASURE, subject=person.id, occasion=str(erasure.id))
    await tasks.promise(tx, letter, now=now, hinted=False)
    await audit.record(tx, "erasure_begun", by=audit.SHOP, subject=(person.kind.value, person.id), now=now)
    return False


async def _erase(tx: Tx, person: Person, *, now: datetime) -> bool:
    """Everything no hold keeps, in one transaction; with nothing in the way the key as well."""
    await store_erasure.lock_person(tx, person)
    erasure = await reads_erasure.erasure_of(tx, person.id)
    assert erasure is not None
    if erasure.ended_at is not None:
        return True
    in_the_way = await store_erasure.holds(tx, person.id, now=now)
    await store_erasure.note(tx, erasure.id, in_the_way, now=now)
    touched = await emptied(tx, person, in_the_way, now=now)
    if not in_the_way:
        await store_erasure.end(tx, erasure.id, now=now)
        if person.kind is PersonKind.CUSTOMER:
            await tasks.promise(tx, ForgetAtStripe(erasure_id=erasure.id), now=now, hinted=False)
        await audit.record(tx, "erased", by=audit.SHOP, subject=(person.kind.value, person.id), now=now)
    log.info("person_erased", kind=str(person.kind), count=touched, status="held" if in_the_way else "whole")
    return not in_the_way


async def emptied(tx: Tx, person: Person, in_the_way: Sequence[Held], *, now: datetime) -> int:
    """Empty what no hold keeps, and with nothing in the way destroy the key; how many rows. The caller holds them."""
    # Before the packages: whoever is making one finds out, or has made it and it is emptied with the others.
    await store.close_erased(tx, person, now=now)
    touched = await store_erasure.empty(tx, person, in_the_way)
    for package in await store_erasure.packages(tx, person):
        await tombstones.shred(tx, package, now=now, scope="package")
    if not in_the_way:
        await store_erasure.drop_letters(tx, person)
        if await paper.due_at_once(tx, person.kind.column, person.id, now=now):
            await tasks.promise(tx, WatchPaper(slot=f"erased:{person.id}"), now=now, hinted=False)
        await tombstones.shred(tx, person.id, now=now, scope=person.kind.value)
    return touched
