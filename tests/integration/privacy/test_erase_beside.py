"""What else goes on while somebody is erased: a package is being made, staff refuse, requests are open (C10)."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.errors import NotFound, NotYet
from kalecart.ids import CustomerId, StaffId
from kalecart.payments.store_methods import keep_stripe_customer, known_at_stripe
from kalecart.privacy.erase import LETTER_WAITS, erase_person
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Kind, RequestMovedOn, State
from kalecart.privacy.review import refuse
from kalecart.privacy.subject import Person
from kalecart.privacy.tables import privacy_package
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.vault import data_key
from tests.askers import Asker, Stripe
from tests.people import PASSWORD, Door


@pytest_asyncio.fixture
async def ana(door: Door) -> Asker:
    return Asker(door, (await door.signs_up()).customer_id)


class ErasedMeanwhile(Stripe):
    """While Stripe is asked about a person, another worker erases them."""

    def __init__(self, door: Door, customer_id: CustomerId) -> None:
        super().__init__()
        self._door, self._customer_id = door, customer_id

    async def held_about(self, stripe_customer_id: str) -> list[dict[str, Any]]:
        await _erased(self._door, self._customer_id)
        return await super().held_about(stripe_customer_id)


async def test_a_package_that_was_being_made_while_its_person_was_erased_is_not_kept(ana: Asker, door: Door) -> None:
    await _known_at_stripe(door, ana.id)
    request = await ana.asks()
    ana.stripe = ErasedMeanwhile(door, ana.id)

    await ana.works(request.id)

    assert (await ana.sees(request.id)).request.state is State.ERASED
    assert await _kept_of(door.db) == (0, 0)


async def test_a_package_made_at_the_instant_of_the_erasure_is_emptied_or_never_kept(ana: Asker, door: Door) -> None:
    """Both reach for the person at once, and one of them waits."""
    request = await ana.asks()
    with pytest.raises(NotYet):
        await erase_person(Person.customer(ana.id), None, db=door.db, clock=door.clock)
    door.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)

    erasing = asyncio.ensure_future(erase_person(Person.customer(ana.id), None, db=door.db, clock=door.clock))
    made, _ = await asyncio.gather(ana.works(request.id), erasing, return_exceptions=True)

    assert made is None
    assert await _kept_of(door.db) == (0, 0)


async def test_what_else_an_erased_person_had_asked_is_closed_by_the_erasure(ana: Asker, door: Door) -> None:
    correction = await ana.asks(Kind.CORRECTION)

    await _erased(door, ana.id)

    assert (await ana.sees(correction.id)).request.state is State.ERASED


async def test_an_erasure_that_staff_refused_before_it_began_erases_nobody(ana: Asker, door: Door) -> None:
    request = await ana.asks(Kind.ERASURE)
    admin = await _admin(door)
    await refuse(request.id, reason=Reason.LEGAL, by=admin, db=door.db, clock=door.clock)

    await erase_person(Person.customer(ana.id), None, request_id=request.id, db=door.db, clock=door.clock)

    async with door.db.snapshot() as tx:
        assert await erasure_of(tx, ana.id) is None
    assert (await door.logs_in()).customer_id == ana.id


async def test_an_erasure_that_has_begun_cannot_be_refused_any_more(ana: Asker, door: Door) -> None:
    request = await ana.asks(Kind.ERASURE)
    admin = await _admin(door)
    with pytest.raises(NotYet):
        await erase_person(Person.customer(ana.id), None, request_id=request.id, db=door.db, clock=door.clock)

    with pytest.raises(RequestMovedOn):
        await refuse(request.id, reason=Reason.LEGAL, by=admin, db=door.db, clock=door.clock)

    assert (await ana.sees(request.id)).request.state is State.VERIFIED


async def test_whoever_is_erased_while_they_save_a_card_is_nobody_and_gets_no_new_number_at_stripe(
    ana: Asker, door: Door
) -> None:
    await _erased(door, ana.id)

    async with door.db.direct() as pg:
        with pytest.raises(NotFound):
            await known_at_stripe(pg, ana.id)
        with pytest.raises(NotFound):
            await keep_stripe_customer(pg, ana.id, "cus_2")
        assert await pg.fetchval("SELECT stripe_customer_id FROM customer WHERE id = $1", ana.id) is None


async def _erased(door: Door, customer_id: CustomerId) -> None:
    with pytest.raises(NotYet):
        await erase_person(Person.customer(customer_id), None, db=door.db, clock=door.clock)
    door.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)
    assert await erase_person(Person.customer(customer_id), None, db=door.db, clock=door.clock)


async def _admin(door: Door) -> StaffMember:
    hired = NewStaff(name="Wanda Reyes", email="wanda@example.com", password=PASSWORD, role=Role.PRIVACY)
    added = await add_staff(hired, db=door.db, vault=door.vault, clock=door.clock)
    return StaffMember(id=StaffId(added), role=Role.PRIVACY)


async def _known_at_stripe(door: Door, customer_id: CustomerId) -> None:
    async with door.db.transaction() as tx:
        named = sa.text("UPDATE customer SET stripe_customer_id = 'cus_1' WHERE id = :id")
        await tx.execute(named.bindparams(sa.bindparam("id", customer_id, sa.Uuid)))


async def _kept_of(db: Database) -> tuple[int, int]:
    """Packages that hold something, and keys of packages."""
    held = sa.select(sa.func.count()).select_from(privacy_package).where(privacy_package.c.sealed.is_not(None))
    keys = sa.select(sa.func.count()).select_from(data_key)
    of_packages = keys.where(data_key.c.customer_id.in_(sa.select(privacy_package.c.id)))
    async with db.snapshot() as tx:
        return int(await tx.scalar(held) or 0), int(await tx.scalar(of_packages) or 0)
