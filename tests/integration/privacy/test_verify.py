"""Requests without a log-in: verified by risk, in the same words for everybody (C10, C11, E53 to E56, E62)."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
import sqlalchemy as sa

from kalecart import tasks
from kalecart.customers.tables import customer
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.ids import CustomerId, RequestId, StaffId
from kalecart.privacy import reads
from kalecart.privacy.codes import code_of
from kalecart.privacy.fulfil import STRIPE_TRIES, fulfil_request
from kalecart.privacy.hand_over import NoSuchPackage, hand_over_by_code
from kalecart.privacy.proofs import TRIES_MAX, Proofs
from kalecart.privacy.receive import Received, ask_on_page, enter
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.remake import complete_request
from kalecart.privacy.request import CannotVerify, Channel, Kind, Level, NeedMore, Request, RequestMovedOn, State
from kalecart.privacy.restriction import ANSWER_WITHIN
from kalecart.privacy.review import refuse, release, tell_cost
from kalecart.privacy.verify import verify
from kalecart.privacy.watch import watch_requests
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import alert, task
from tests.askers import Stripe
from tests.builders import Shopper, a_card, a_paid_order, a_product, a_window
from tests.clock import START
from tests.people import EMAIL, PASSWORD, Door

KNOWN = Proofs(postal_code="90013", phone="(213) 555-0123", declared=True)


async def asks(door: Door, email: str = EMAIL, kind: Kind = Kind.ACCESS) -> Request:
    return await ask_on_page(Received(kind=kind, email=email), "203.0.113.7", **door.verbs)  # ty: ignore[invalid-argument-type]  # what a door has


async def proves(door: Door, request: Request, proofs: Proofs) -> Request:
    return await verify(request.id, proofs, db=door.db, vault=door.vault, clock=door.clock)


async def code(door: Door, request: Request, customer_id: CustomerId) -> str:
    async with door.db.snapshot() as tx:
        found = await code_of(tx, request.id, customer_id, vault=door.vault, now=door.clock.now())
    assert found is not None
    return found


async def state(door: Door, request_id: RequestId) -> State:
    async with door.db.snapshot() as tx:
        return (await reads.shown(tx, request_id)).request.state


async def letters(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        found = sa.select(task.c.arguments["kind"].astext).where(task.c.topic == "send_mail")
        return sorted((await tx.execute(found)).scalars())


async def a_member(door: Door, role: Role) -> StaffMember:
    new = NewStaff(name="Sam Staff", email=f"{role}@example.com", password=PASSWORD, role=role)
    added = await add_staff(new, db=door.db, vault=door.vault, clock=door.clock)
    return StaffMember(id=StaffId(added), role=role)


async def test_two_points_open_the_kinds_and_three_the_data(door: Door) -> None:
    ana = (await door.signs_up()).customer_id
    request = await asks(door)

    found = await proves(door, request, KNOWN)
    again = await asks(door, kind=Kind.CORRECTION)
    whole = await proves(door, again, Proofs(**vars(KNOWN) | {"code": (await code(door, again, ana)).lower()}))

    assert (found.level, whole.level) == (Level.CATEGORIES, Level.SPECIFICS)


async def test_known_or_not_the_same_is_written_and_refused_in_the_same_words(door: Door) -> None:
    """E53."""
    await door.signs_up()
    known, unknown = await asks(door), await asks(door, "nobody@example.org")
    wrong = Proofs(code="AAAAAAAAAA", order_number="22222-2222", postal_code="00000", declared=True)

    said = []
    for request in (known, unknown):
        with pytest.raises(CannotVerify) as refused:
            await proves(door, request, wrong)
        said.append((refused.value.detail, refused.value.members))

    assert said[0] == said[1]
    assert await letters(door.db) == ["request_code", "request_unknown"]
    assert {await state(door, known.id), await state(door, unknown.id)} == {State.UNVERIFIED}


async def test_guessing_ends_after_five_tries_and_the_right_answer_comes_too_late(door: Door) -> None:
    ana = (await door.signs_up()).customer_id
    request = await asks(door)
    right = Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)})
    for _ in range(TRIES_MAX):
        with pytest.raises(CannotVerify):
            await proves(door, request, Proofs(code="AAAAAAAAAA"))

    with pytest.raises(CannotVerify):
        await proves(door, request, right)

    assert await state(door, request.id) is State.ANSWERED
    assert (await asks(door)).state is State.UNVERIFIED  # they may try again


async def test_a_code_from_the_letter_opens_the_package_once_without_a_log_in(door: Door) -> None:
    """E61."""
    ana = (await door.signs_up()).customer_id
    request = await asks(door)
    await proves(door, request, Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)}))
    await fulfilled(door, request.id)
    key = await code(door, request, ana)

    got = await hand_over_by_code(request.id, key, db=door.db, vault=door.vault, clock=door.clock)

    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        assert b"Ana Lima" in packed.read("package.json")
    with pytest.raises(NoSuchPackage):
        await hand_over_by_code(request.id, key, db=door.db, vault=door.vault, clock=door.clock)


async def test_an_agent_needs_the_signed_permission_and_the_customers_own_code(door: Door) -> None:
    """E55, E82: received when it reached the shop."""
    ana = (await door.signs_up()).customer_id
    admin = await a_member(door, Role.PRIVACY)
    door.clock.advance(days=3)
    asked = Received(kind=Kind.ACCESS, email=EMAIL, channel=Channel.AGENT, received_at=START)
    staff = {"by": admin, "db": door.db, "vault": door.vault, "clock": door.clock}
    with pytest.raises(Invalid):
        await enter(asked, **staff)  # ty: ignore[invalid-argument-type]  # what a door has

    request = await enter(Received(**vars(asked) | {"permission_seen": True}), **staff)  # ty: ignore[invalid-argument-type]
    with pytest.raises(CannotVerify):
        await proves(door, request, KNOWN)
    confirmed = await proves(door, request, Proofs(code=await code(door, request, ana)))

    assert confirmed.level is Level.SPECIFICS
    assert request.received_at == START


async def test_a_spouse_is_refused_with_the_reason_by_who_may(door: Door) -> None:
    """E56."""
    await door.signs_up()
    request = await asks(door)
    picker, admin = await a_member(door, Role.ORDERS), await a_member(door, Role.PRIVACY)
    with pytest.raises(RoleForbids):
        await refuse(request.id, reason=Reason.OTHER_INDIVIDUAL, by=picker, db=door.db, clock=door.clock)

    await refuse(request.id, reason=Reason.OTHER_INDIVIDUAL, by=admin, db=door.db, clock=door.clock)

    async with door.db.snapshot() as tx:
        refused = (await reads.shown(tx, request.id)).request
    assert (refused.state, refused.refusal) == (State.REFUSED, Reason.OTHER_INDIVIDUAL)


async def test_cost_is_a_reason_only_with_the_managers_signature_and_told_before(door: Door) -> None:
    """E62."""
    await door.signs_up()
    request = await asks(door)
    manager, admin = await a_member(door, Role.MANAGER), await a_member(door, Role.PRIVACY)
    acts = {"db": door.db, "clock": door.clock}
    with pytest.raises(RoleForbids):
        await refuse(request.id, reason=Reason.COST, by=admin, **acts)
    with pytest.raises(Invalid):
        await refuse(request.id, reason=Reason.COST, by=manager, **acts)

    await tell_cost(request.id, cents=12_000, by=manager, **acts)
    door.clock.advance(seconds=ANSWER_WITHIN.total_seconds() - 1)
    with pytest.raises(Invalid):
        await refuse(request.id, reason=Reason.COST, by=manager, **acts)
    await tell_cost(request.id, cents=12_000, by=manager, **acts)
    with pytest.raises(RequestMovedOn):  # of which they would not hear
        await tell_cost(request.id, cents=90_000, by=manager, **acts)
    door.clock.advance(seconds=1)
    await refuse(request.id, reason=Reason.COST, by=manager, **acts)

    assert await state(door, request.id) is State.REFUSED
    assert (await letters(door.db)).count("request_cost") == 1


async def test_what_nobody_has_verified_is_not_called_answered_by_staff(door: Door) -> None:
    await door.signs_up()
    request = await asks(door)

    with pytest.raises(RequestMovedOn):
        await release(request.id, by=await a_member(door, Role.PRIVACY), db=door.db, clock=door.clock)

    assert await state(door, request.id) is State.UNVERIFIED


async def test_what_was_raised_about_a_request_is_over_once_it_is_decided(door: Door) -> None:
    await door.signs_up()
    asked = Received(kind=Kind.ACCESS, email=EMAIL, channel=Channel.POST, received_at=door.clock.now())
    clerk = await a_member(door, Role.MANAGER)
    request = await enter(asked, by=clerk, db=door.db, vault=door.vault, clock=door.clock)
    door.clock.advance(days=40)
    await watch_requests(None, db=door.db, clock=door.clock)
    open_ones = sa.select(alert.c.kind).where(alert.c.subject == str(request.id), alert.c.resolved_at.is_(None))
    async with door.db.snapshot() as tx:
        assert (await tx.execute(open_ones)).scalars().all() == ["request_late"]

    admin = await a_member(door, Role.PRIVACY)
    await refuse(request.id, reason=Reason.SECURITY, by=admin, db=door.db, clock=door.clock)

    async with door.db.snapshot() as tx:
        assert (await tx.execute(open_ones)).scalars().all() == []


async def test_a_package_that_was_completed_later_opens_with_a_code_of_its_own(door: Door) -> None:
    ana = (await door.signs_up()).customer_id
    request = await asks(door)
    await proves(door, request, Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)}))
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(customer).where(customer.c.id == ana).values(stripe_customer_id="cus_1"))
    of = {"db": door.db, "vault": door.vault, "clock": door.clock}
    await fulfilled(door, request.id, away=True)
    first = await code(door, request, ana)
    await hand_over_by_code(request.id, first, **of)

    await complete_request(request.id, None, **of, gateway=Stripe())

    got = await hand_over_by_code(request.id, await code(door, request, ana), **of)
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        assert b"4242" in packed.read("package.json")


async def fulfilled(door: Door, request_id: RequestId, *, away: bool = False) -> None:
    """As the worker does it; with `away` Stripe has not answered for all the tries there are."""
    async with door.db.direct() as pg:
        held = (await tasks.claim_due(pg, ["fulfil_request"], most=1, now=door.clock.now()))[0]
    stripe = Stripe()
    stripe.away = away
    held = replace(held, attempts=STRIPE_TRIES)
    await fulfil_request(request_id, held, db=door.db, vault=door.vault, clock=door.clock, gateway=stripe)


async def test_a_package_of_kinds_says_so_and_not_how_much_there_is(door: Door) -> None:
    """E53: what is kept back is named with its reason, and no count tells more than the kinds."""
    ana = (await door.signs_up()).customer_id
    request = await asks(door)
    await proves(door, request, KNOWN)
    await fulfilled(door, request.id)

    got = await hand_over_by_code(
        request.id, await code(door, request, ana), db=door.db, vault=door.vault, clock=door.clock
    )

    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        told, page = json.loads(packed.read("package.json")), packed.read("report.html").decode()
    assert {"customer", "address"} <= {part["table"] for part in told["parts"]}
    assert [part["records"] for part in told["parts"] if part["records"]] == []
    assert [(item["reason"], item["count"]) for item in told["withheld"]] == [("security", 1)]
    assert told["described"] == []
    assert "What kinds of things we hold about you" in page
    assert "Ana Lima" not in page


async def test_a_correction_is_called_done_by_staff_and_the_person_is_told(door: Door) -> None:
    ana = (await door.signs_up()).customer_id
    request = await asks(door, kind=Kind.CORRECTION)
    await proves(door, request, Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)}))
    admin = await a_member(door, Role.PRIVACY)

    await release(request.id, by=admin, db=door.db, clock=door.clock)

    assert await state(door, request.id) is State.ANSWERED
    assert "request_answered" in await letters(door.db)


async def test_an_opt_out_is_done_for_whoever_asks(door: Door) -> None:
    """E55."""
    await door.signs_up(improve_service=True)

    request = await asks(door, kind=Kind.OPT_OUT)

    assert await state(door, request.id) is State.ANSWERED


@pytest.mark.parametrize("kind", [Kind.ERASURE, Kind.CORRECTION])
async def test_what_opens_the_kinds_of_data_only_erases_and_corrects_nothing_and_more_may_be_shown(
    door: Door, kind: Kind
) -> None:
    """E53: the ZIP code and the phone number, which many know of somebody."""
    ana = (await door.signs_up()).customer_id
    request = await asks(door, kind=kind)
    with pytest.raises(NeedMore):
        await proves(door, request, KNOWN)
    assert await state(door, request.id) is State.UNVERIFIED  # one more detail is all it needs
    assert await _promised(door.db, "erase_person") == 0

    await proves(door, request, Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)}))

    assert await state(door, request.id) is State.VERIFIED
    assert await _promised(door.db, "erase_person") == (kind is Kind.ERASURE)


async def test_what_stands_on_a_delivery_slip_erases_nobody(door: Door) -> None:
    """Without the code from the mailbox nothing is proven that cannot be undone."""
    ana = (await door.signs_up()).customer_id
    card = await a_card(door.db, door.vault, ana, now=START)
    shopper = Shopper(door.db, ana, card, await a_window(door.db, now=START))
    await shopper.puts(await a_product(door.db, "kale", price_cents=500), 4, now=START)
    await a_paid_order(shopper, 2_499, clock=door.clock)
    slip = Proofs(**vars(KNOWN) | {"order_total": "$24.99"})
    request = await asks(door, kind=Kind.ERASURE)

    with pytest.raises(CannotVerify):
        await proves(door, request, slip)

    assert await state(door, request.id) is State.UNVERIFIED
    assert await state(door, (await proves(door, await asks(door), slip)).id) is State.VERIFIED


async def test_a_slip_of_the_pen_in_the_year_is_not_taken_for_a_request_that_is_late(door: Door) -> None:
    admin = await a_member(door, Role.PRIVACY)
    long_ago = Received(kind=Kind.ACCESS, email=EMAIL, channel=Channel.POST, received_at=START.replace(year=26))

    with pytest.raises(Invalid):
        await enter(long_ago, by=admin, db=door.db, vault=door.vault, clock=door.clock)


async def _promised(db: Database, topic: str) -> int:
    async with db.snapshot() as tx:
        return await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == topic)) or 0


async def test_a_mailbox_that_was_changed_yesterday_proves_nothing(door: Door) -> None:
    """E54: a code that reached it counts for nothing, and more is asked for; the old address was warned."""
    ana = (await door.signs_up()).customer_id
    changed = sa.update(customer).where(customer.c.id == ana).values(email_changed_at=door.clock.now())
    async with door.db.transaction() as tx:
        await tx.execute(changed)
    door.clock.advance(days=1)
    request = await asks(door)

    found = await proves(door, request, Proofs(**vars(KNOWN) | {"code": await code(door, request, ana)}))

    assert found.level is Level.CATEGORIES
