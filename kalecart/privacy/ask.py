"""Take a request about somebody's own data: from a customer who is logged in and proves it once more (C10)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from kalecart import audit, tasks
from kalecart.accounts.prove import prove
from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import Choices, record_consents
from kalecart.database import Database, Tx
from kalecart.deadline import due_by
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, RequestId, StaffId, new_id
from kalecart.jobs import EraseOther, ErasePerson, FulfilRequest, MailKind, SendMail
from kalecart.privacy import store
from kalecart.privacy.request import Channel, Kind, Level, Request, State
from kalecart.privacy.subject import Person

PASSWORD: Final = "password"  # noqa: S105  # what proved who it is, and no password


async def ask_in_account(
    kind: Kind, *, customer_id: CustomerId, password: str, db: Database, clock: Clock, allowances: Allowances
) -> Request:
    """Record the request and promise its work; one that is open already is joined (E57).

    Raises Invalid at `/password` for a wrong one, and TooManyTries. An opt-out needs none, and is done at once.
    """
    if kind.needs_proof:
        await prove(customer_id, password, field="/password", db=db, allowances=allowances)
    else:
        await opt_out(customer_id, db=db, clock=clock)
    now = clock.now()
    person = Person.customer(customer_id)
    asked = received(kind, Channel.ACCOUNT, person, received_at=now)
    async with db.transaction() as tx:
        if not await store.lock(tx, person):
            raise NotFound("There is no such customer.")
        request = await take(tx, asked, by=audit.Actor(kind="customer", id=customer_id), now=now)
        if request.state is State.UNVERIFIED and kind.needs_proof:
            request = await verified(tx, request, level=Level.SPECIFICS, proof=PASSWORD, now=now)
        elif request.state is State.VERIFIED and request.level is Level.CATEGORIES:
            # Somebody who proved less was first; whoever logs in gets what they asked for.
            await store.change(tx, request.id, level=Level.SPECIFICS, proof=PASSWORD)
            request = replace(request, level=Level.SPECIFICS, proof=PASSWORD)
        elif request.state is State.UNVERIFIED:
            await store.move(tx, request, State.ANSWERED, now=now)
            request = replace(request, answered_at=now)
    return request


async def opt_out(customer_id: CustomerId, *, db: Database, clock: Clock) -> None:
    """Switch off every choice that is not needed for delivery."""
    choices = Choices(given={purpose: False for purpose in Purpose if not purpose.necessary})
    # The notice is for what delivery needs, and nothing of that is touched.
    await record_consents(choices, customer_id=customer_id, db=db, clock=clock, notice=timedelta(0))


def received(kind: Kind, channel: Channel, person: Person, *, received_at: datetime) -> Request:
    """A request as it begins: thirty days from the day it reached the shop."""
    whom: dict[str, Any] = {"customer_id": None, **person.named}
    times = {"received_at": received_at, "due_at": due_by(received_at)}
    return Request(id=RequestId(new_id()), kind=kind, channel=channel, **whom, **times)


async def take(
    tx: Tx,
    asked: Request,
    *,
    by: audit.Actor,
    now: datetime,
    entered_by: StaffId | None = None,
) -> Request:
    """Write a request down; returns the one that will be answered: this, or an open one that it joins.

    The earliest deadline is kept (E57). The caller holds the person, so two do not pass each other.
    """
    first = await store.open_one(tx, asked)
    if first is not None:
        asked = replace(asked, joined_at=now, joined_id=first.id)
        if asked.due_at < first.due_at:
            await store.change(tx, first.id, due_at=asked.due_at)
            first = replace(first, due_at=asked.due_at)
    await store.add(tx, asked, recorded_at=now, entered_by=entered_by)
    detail = {"kind": str(asked.kind), "channel": str(asked.channel)}
    if asked.channel is Channel.ACCOUNT and first is None:
        letter = SendMail(kind=MailKind.REQUEST_RECEIVED, subject=asked.person.id, occasion=str(asked.id))
        await tasks.promise(tx, letter, now=now, hinted=False)
    await audit.record(tx, "request_received", by=by, subject=("privacy_request", asked.id), now=now, detail=detail)
    return first or asked


async def verified(tx: Tx, request: Request, *, level: Level, proof: str, now: datetime) -> Request:
    """Note that it is known who asks, and promise what they asked for."""
    await store.move(tx, request, State.VERIFIED, now=now, level=level, proof=proof)
    if request.kind is Kind.ACCESS:
        await tasks.promise(tx, FulfilRequest(request_id=request.id), now=now, hinted=False)
    if request.kind is Kind.ERASURE and level is Level.SPECIFICS:
        customer_id = request.customer_id
        whose = ErasePerson(customer_id=customer_id, request_id=request.id) if customer_id else None
        await tasks.promise(tx, whose or EraseOther(request_id=request.id), now=now, hinted=False)
    return replace(request, verified_at=now, level=level, proof=proof)
