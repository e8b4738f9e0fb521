"""What is kept back from a package, why, by whose decision, and that the person is told (C11, E62)."""

import json
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.audit import audit_entry
from kalecart.customers.tables import customer
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId, RequestId, new_id
from kalecart.payments.tables import dispute
from kalecart.privacy.answer_estimate import answer_estimate
from kalecart.privacy.place_hold import lift_hold, place_hold
from kalecart.privacy.remake import remake_package
from kalecart.privacy.request import RequestMovedOn, State
from kalecart.privacy.restrict import Asked, lift, restrict, sign
from kalecart.privacy.restriction import ANSWER_WITHIN, Ground, Restriction, RestrictionMovedOn, Step, StillUndecided
from kalecart.privacy.review import release
from kalecart.privacy.store_restriction import add
from kalecart.staff.member import RoleForbids, StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from tests.askers import Asker, Stripe
from tests.builders import Shopper, a_card, a_paid_order, a_product, a_window
from tests.clock import FakeClock
from tests.integration.privacy.test_fulfil import part
from tests.integration.privacy.test_verify import a_member, letters
from tests.people import Door

PAPER = Asked(what="paper", ground=Ground.COST, estimate_cents=12_000)
LINES = Asked(what="order_line", ground=Ground.LAW)


@pytest_asyncio.fixture
async def ana(door: Door) -> Asker:
    """A customer with a paid order."""
    now, person = door.clock.now(), (await door.signs_up()).customer_id
    await a_product(door.db, "kale", price_cents=600)
    card = await a_card(door.db, door.vault, person, now=now)
    shopper = Shopper(door.db, person, card, await a_window(door.db, now=now))
    await shopper.puts("kale", 3, now=now)
    await a_paid_order(shopper, 2_299, clock=door.clock)
    return Asker(door, person)


@pytest_asyncio.fixture
async def admin(door: Door) -> StaffMember:
    return await a_member(door, Role.PRIVACY)


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


async def remakes(ana: Asker, request_id: RequestId, db: Database | None = None) -> None:
    d = ana.door
    await remake_package(request_id, None, db=db or d.db, vault=d.vault, clock=d.clock, gateway=ana.stripe)


def withheld(files: dict[str, bytes], reason: str) -> dict[str, str]:
    document = json.loads(files["package.json"])
    assert document["recourse"]
    return {item["what"]: item["words"] for item in document["withheld"] if item["reason"] == reason}


async def test_what_a_case_is_made_of_is_kept_back_while_it_is_open_and_shown_once_it_is_over(
    ana: Asker, door: Door, admin: StaffMember, manager: StaffMember
) -> None:
    """A dispute and a hold: the law asks for a person who looks, and each thing is listed with its reason."""
    d = {"db": door.db, "clock": door.clock}
    async with door.db.transaction() as tx:
        order = await tx.scalar(sa.text("SELECT id FROM customer_order"))
        case = {"order_id": order, "amount_cents": 2_299, "status": "needs_response", "reason": "planted_fraudulent"}
        due = {"opened_at": door.clock.now(), "evidence_due_at": door.clock.now() + timedelta(days=9)}
        await tx.execute(sa.insert(dispute).values(stripe_id="du_1", **case, **due))
    until = door.clock.now() + timedelta(days=90)
    hold = await place_hold(ana.id, ground="planted-case-7", review_at=until, by=manager.id, **d)

    request = await ana.asks()
    await ana.works(request.id)
    assert (await ana.sees(request.id)).request.state is State.REVIEW
    await release(request.id, by=admin, **d)
    files = await ana.gets(request.id)

    assert part(files, "dispute")[0] == part(files, "dispute")[0] | {"stripe_id": "du_1", "amount_cents": 2_299}
    assert not [name for name in ("package.json", "report.html") if b"planted" in files[name]]
    legal = withheld(files, "legal")
    assert legal["Charges contested at your bank: The bank's reason"].endswith("once the bank has decided.")
    assert set(legal) == {
        *(f"Charges contested at your bank: {each}" for each in ("State", "The bank's reason", "We may answer until")),
        *(f"What the law obliges us to keep: {each}" for each in ("Which obligation", "Looked at again")),
    }
    assert "once the bank has decided" in files["report.html"].decode()

    await lift_hold(hold, by=manager.id, **d)
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(dispute).values(closed_at=door.clock.now(), status="won"))
    again = await ana.asks()
    await ana.works(again.id)
    after = await ana.gets(again.id)
    assert part(after, "dispute")[0]["reason"] == "planted_fraudulent"
    assert part(after, "legal_hold")[0]["ground"] == "planted-case-7"
    assert withheld(after, "legal") == {}


async def test_what_the_administrator_keeps_back_is_out_of_the_package_and_on_its_list(
    ana: Asker, door: Door, admin: StaffMember, as_privacy: Database
) -> None:
    d = {"by": admin, "db": door.db, "clock": door.clock}
    request = await ana.asks()
    await restrict(request.id, Asked(what="order_event", ground=Ground.SOMEBODY_ELSE), **d)
    await restrict(request.id, LINES, **d)
    await ana.works(request.id, as_privacy)
    await lift(request.id, "order_event", **d)
    with pytest.raises(StillUndecided):
        await release(request.id, **d)
    with pytest.raises(RestrictionMovedOn):
        await lift(request.id, "order_event", **d)

    await remakes(ana, request.id, as_privacy)
    await release(request.id, **d)
    files = await ana.gets(request.id)

    assert part(files, "order_line") == []
    assert part(files, "order_event") != []
    assert withheld(files, "legal") == {"What you ordered": "A law forbids us to hand it over."}
    assert "A law forbids" in files["report.html"].decode()
    with pytest.raises(RequestMovedOn):
        await lift(request.id, "order_line", **d)
    async with door.db.snapshot() as tx:
        acts = await tx.scalars(sa.select(audit_entry.c.act).where(audit_entry.c.subject == str(request.id)))
        assert list(acts).count("restriction_decided") == 2


async def test_what_is_decided_while_a_package_is_made_sends_it_to_review_and_is_obeyed(
    ana: Asker, door: Door, admin: StaffMember
) -> None:
    """Stripe is asked after everything here was read: whoever decides then is not too late."""
    d = {"by": admin, "db": door.db, "clock": door.clock}
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(customer).where(customer.c.id == ana.id).values(stripe_customer_id="cus_1"))
    request = await ana.asks()

    class Decides(Stripe):
        async def held_about(self, stripe_customer_id: str) -> list[dict[str, Any]]:
            if (await ana.sees(request.id)).package is None:
                await restrict(request.id, LINES, **d)
            return await super().held_about(stripe_customer_id)

    ana.stripe = Decides()
    await ana.works(request.id)
    assert (await ana.sees(request.id)).request.state is State.REVIEW
    with pytest.raises(StillUndecided):
        await release(request.id, **d)
    await remakes(ana, request.id)
    await release(request.id, **d)

    assert part(await ana.gets(request.id), "order_line") == []


async def test_cost_is_kept_back_only_after_the_person_was_told_and_the_manager_signed(
    ana: Asker, door: Door, admin: StaffMember, manager: StaffMember
) -> None:
    """E62: the person answers that the last twelve months are enough."""
    d = {"db": door.db, "clock": door.clock}
    request = await ana.asks()
    for what, cents in (("order_line", 5), ("paper", None)):
        with pytest.raises(Invalid):
            await restrict(request.id, Asked(what=what, ground=Ground.COST, estimate_cents=cents), by=admin, **d)
    await restrict(request.id, PAPER, by=admin, **d)
    assert "request_cost" in await letters(door.db)
    await ana.works(request.id)
    for signer, refusal in ((admin, RoleForbids), (manager, RestrictionMovedOn)):
        with pytest.raises(refusal):
            await sign(request.id, "paper", by=signer, **d)
    with pytest.raises(StillUndecided):
        await release(request.id, by=admin, **d)

    door.clock.advance(days=1)
    with pytest.raises(RestrictionMovedOn):  # whoever has an account answers there, and nobody else for them
        await answer_estimate(request.id, "paper", Step.ACCEPTED, by=manager, **d)
    with pytest.raises(NotFound):
        await answer_estimate(request.id, "paper", Step.NARROWED, by=CustomerId(new_id()), **d)
    await answer_estimate(request.id, "paper", Step.NARROWED, by=ana.id, **d)
    await sign(request.id, "paper", by=manager, **d)
    await remakes(ana, request.id)
    await release(request.id, by=admin, **d)

    cost = withheld(await ana.gets(request.id), "cost")
    assert [what for what in cost if what.endswith("all but the last twelve months")] == list(cost) != []


async def test_who_does_not_answer_an_estimate_has_a_week_and_the_database_takes_no_signature_before_it_was_told(
    ana: Asker, door: Door, admin: StaffMember, manager: StaffMember
) -> None:
    """E62."""
    d = {"db": door.db, "clock": door.clock}
    request = await ana.asks()
    proposed = await restrict(request.id, PAPER, by=admin, **d)
    forged = Restriction(**vars(proposed) | {"number": 2, "step": Step.SIGNED})
    with pytest.raises(ConstraintBroken, match="told_before_signed"):
        async with door.db.transaction() as tx:
            await add(tx, forged)

    door.clock.advance(seconds=ANSWER_WITHIN.total_seconds())
    backups = Asked(what="backups", ground=Ground.COST, estimate_cents=1)
    late = FakeClock(request.due_at - ANSWER_WITHIN + timedelta(seconds=1))
    with pytest.raises(Invalid):  # the answer to the request does not wait for the answer to an estimate
        await restrict(request.id, backups, by=admin, db=door.db, clock=late)
    signed = await sign(request.id, "paper", by=manager, **d)
    await ana.works(request.id)

    assert (signed.in_force, signed.undecided) == (True, False)
    shown = await ana.sees(request.id)
    assert shown.package is not None
    assert [item["reason"] for item in shown.package.withheld if item["reason"] == "cost"] == ["cost"]


async def test_a_ground_that_is_not_there_is_no_ground(ana: Asker, door: Door, admin: StaffMember) -> None:
    """What the law or a bank asks for has to be open, and nobody keeps back what the person asked for."""
    request = await ana.asks()
    for what, ground in (
        ("order_line", Ground.OPEN_DISPUTE),
        ("order_line", Ground.LEGAL_HOLD),
        ("customer", Ground.LAW),
        ("privacy_request", Ground.LAW),
        ("nonsense", Ground.LAW),
    ):
        with pytest.raises(Invalid):
            await restrict(request.id, Asked(what=what, ground=ground), by=admin, db=door.db, clock=door.clock)
    picker = StaffMember(id=admin.id, role=Role.ORDERS)
    with pytest.raises(RoleForbids):
        await restrict(request.id, LINES, by=picker, db=door.db, clock=door.clock)
    async with door.db.snapshot() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == "remake_package")) == 0


async def test_what_is_kept_back_for_a_case_is_not_released_once_the_case_is_over(
    ana: Asker, door: Door, admin: StaffMember, manager: StaffMember
) -> None:
    """The reason that the person reads has to be true on the day they read it."""
    d = {"db": door.db, "clock": door.clock}
    until = door.clock.now() + timedelta(days=90)
    hold = await place_hold(ana.id, ground="case-7", review_at=until, by=manager.id, **d)
    request = await ana.asks()
    await restrict(request.id, Asked(what="order_line", ground=Ground.LEGAL_HOLD), by=admin, **d)
    await ana.works(request.id)
    await lift_hold(hold, by=manager.id, **d)

    with pytest.raises(StillUndecided):
        await release(request.id, by=admin, **d)
    await lift(request.id, "order_line", by=admin, **d)
    await remakes(ana, request.id)
    await release(request.id, by=admin, **d)

    assert part(await ana.gets(request.id), "order_line") != []
