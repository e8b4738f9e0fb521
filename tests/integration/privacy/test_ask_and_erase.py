"""Whoever is erased while another request of theirs is open: both end, and neither is stuck (C10)."""

import pytest_asyncio
import sqlalchemy as sa

from kalecart import audit, tasks
from kalecart.database import Database
from kalecart.errors import NotYet
from kalecart.ids import CustomerId, RequestId
from kalecart.privacy.ask import received, take, verified
from kalecart.privacy.codes import code_of
from kalecart.privacy.erase import erase_person
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.remake import complete_request
from kalecart.privacy.request import Channel, Kind, Level, State
from kalecart.privacy.subject import Person
from kalecart.privacy.watch import watch_requests
from kalecart.tasks import alert, task
from tests.askers import Asker
from tests.people import Door


@pytest_asyncio.fixture
async def ana(door: Door) -> Asker:
    return Asker(door, (await door.signs_up()).customer_id)


async def erases(door: Door, customer_id: CustomerId) -> None:
    """Both halves: the letter is waited for no longer than an hour."""
    try:
        await erase_person(Person.customer(customer_id), None, db=door.db, clock=door.clock)
    except NotYet:
        door.clock.advance(hours=2)
    await erase_person(Person.customer(customer_id), None, db=door.db, clock=door.clock)


async def of_topic(db: Database, topic: str) -> set[str]:
    async with db.snapshot() as tx:
        return set((await tx.execute(sa.select(task.c.state).where(task.c.topic == topic))).scalars())


async def test_a_request_that_is_open_when_its_person_is_erased_is_closed_as_that(ana: Asker, door: Door) -> None:
    request = await ana.asks()
    correction = await ana.asks(Kind.CORRECTION)

    await erases(door, ana.id)
    await ana.works(request.id)

    assert (await ana.sees(request.id)).request.state is State.ERASED
    assert (await ana.sees(correction.id)).request.state is State.ERASED
    assert await of_topic(door.db, "fulfil_request") == {"done"}


async def by_letter(door: Door, customer_id: CustomerId) -> RequestId:
    """Somebody without a log-in whom we know by now."""
    now = door.clock.now()
    asked = received(Kind.ACCESS, Channel.WEB, Person.customer(customer_id), received_at=now)
    async with door.db.transaction() as tx:
        await take(tx, asked, by=audit.SHOP, now=now)
        await verified(tx, asked, level=Level.SPECIFICS, proof="points", now=now)
        await tx.execute(sa.text("UPDATE customer SET stripe_customer_id = 'cus_1'"))
    return asked.id


async def test_a_completed_package_brings_a_fresh_code_and_one_that_waits_a_day_raises_an_alert(
    ana: Asker, door: Door
) -> None:
    request_id = await by_letter(door, ana.id)
    ana.stripe.away = True
    of = {"db": door.db, "vault": door.vault, "clock": door.clock, "gateway": ana.stripe}
    async with door.db.direct() as pg:
        held = (await tasks.claim_due(pg, ["fulfil_request"], most=1, now=door.clock.now()))[0]
    held = tasks.Held(**vars(held) | {"attempts": 5})
    await fulfil_request(request_id, held, **of)
    first = await code(door, request_id, ana.id)
    await watch_requests(None, db=door.db, clock=door.clock)
    assert await alerts(door.db) == []
    door.clock.advance(days=1, minutes=1)
    await watch_requests(None, db=door.db, clock=door.clock)
    assert await alerts(door.db) == [str(request_id)]

    ana.stripe.away = False
    await complete_request(request_id, None, **of)

    assert await alerts(door.db) == []
    assert await code(door, request_id, ana.id) not in {None, first}


async def code(door: Door, request_id: RequestId, customer_id: CustomerId) -> str | None:
    async with door.db.snapshot() as tx:
        return await code_of(tx, request_id, customer_id, vault=door.vault, now=door.clock.now())


async def alerts(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        found = sa.select(alert.c.subject).where(alert.c.kind == "package_incomplete", alert.c.resolved_at.is_(None))
        return list((await tx.execute(found)).scalars())
