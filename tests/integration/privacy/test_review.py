"""Who looks before a package goes out, and what becomes of requests that nobody proves (C8, C10, C11, E53)."""

import sqlalchemy as sa

from kalecart.database import Database
from kalecart.privacy import reads
from kalecart.privacy.fulfil import PACKAGE_KEPT, fulfil_request
from kalecart.privacy.hand_over import hand_over_by_code
from kalecart.privacy.proofs import Proofs
from kalecart.privacy.receive import Received, enter
from kalecart.privacy.request import Channel, Kind, Request, State
from kalecart.privacy.review import release
from kalecart.privacy.store_retention import overdue
from kalecart.privacy.watch import UNPROVED_AFTER, watch_requests
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.tables import staff
from kalecart.tasks import alert
from tests.askers import Stripe
from tests.integration.privacy.test_verify import a_member, asks, code, proves, state
from tests.people import EMAIL, Door


async def entered(door: Door, by: StaffMember) -> Request:
    """By mail, written down by staff and proved by the code."""
    ana = (await door.signs_up()).customer_id
    asked = Received(kind=Kind.ACCESS, email=EMAIL, channel=Channel.MAIL, received_at=door.clock.now())
    request = await enter(asked, by=by, db=door.db, vault=door.vault, clock=door.clock)
    sent = await code(door, request, ana)
    return await proves(door, request, Proofs(code=sent, postal_code="90013", phone="(213) 555-0123", declared=True))


async def fulfil(door: Door, request: Request) -> None:
    await fulfil_request(request.id, None, db=door.db, vault=door.vault, clock=door.clock, gateway=Stripe())


async def test_what_was_started_by_somebody_who_has_left_waits_for_somebody_who_may(
    door: Door, as_web: Database
) -> None:
    """The right is looked at again when the work is done, and a late release still hands something over."""
    starter, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    request = await entered(door, starter)
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(staff).where(staff.c.id == starter.id).values(left_at=door.clock.now()))

    await fulfil(door, request)
    assert await state(door, request.id) is State.REVIEW
    door.clock.advance(days=60)
    await watch_requests(None, db=door.db, clock=door.clock)
    async with door.db.snapshot() as tx:
        assert not {"packages", "codes"} & dict(await overdue(tx, now=door.clock.now())).keys()
    await release(request.id, by=admin, db=as_web, clock=door.clock)
    door.clock.advance(seconds=PACKAGE_KEPT.total_seconds() - 1)
    await watch_requests(None, db=door.db, clock=door.clock)

    sent = await code(door, request, request.person.id)
    got = await hand_over_by_code(request.id, sent, db=door.db, vault=door.vault, clock=door.clock)
    assert got.content
    door.clock.advance(seconds=1)
    await watch_requests(None, db=door.db, clock=door.clock)
    async with door.db.snapshot() as tx:
        package = (await reads.shown(tx, request.id)).package
    assert package is not None
    assert not package.kept


async def test_what_was_started_by_somebody_who_may_goes_out_by_itself(door: Door) -> None:
    request = await entered(door, await a_member(door, Role.PRIVACY))

    await fulfil(door, request)

    assert await state(door, request.id) is State.ANSWERED


async def test_what_nobody_proves_is_let_go_before_its_deadline_rings(door: Door) -> None:
    """E53: they were told at once what kinds of data are kept, and may ask again."""
    await door.signs_up()
    known, unknown = await asks(door), await asks(door, "nobody@example.org")

    door.clock.advance(seconds=UNPROVED_AFTER.total_seconds() - 1)
    await watch_requests(None, db=door.db, clock=door.clock)
    assert [await state(door, each.id) for each in (known, unknown)] == [State.UNVERIFIED] * 2
    door.clock.advance(days=20)
    await watch_requests(None, db=door.db, clock=door.clock)

    assert [await state(door, each.id) for each in (known, unknown)] == [State.ANSWERED] * 2
    async with door.db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(alert)) == 0
    assert (await asks(door)).id != known.id
