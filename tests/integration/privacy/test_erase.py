"""Somebody who asks for it is erased: at once, wholly, for good, and without touching the money (C10)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from kalecart import tombstones
from kalecart.accounts.log_in import WrongLogIn
from kalecart.customers.reads import profile
from kalecart.database import Database
from kalecart.errors import NotFound, NotYet
from kalecart.ids import CustomerId, new_id
from kalecart.jobs import ErasePerson, ForgetAtStripe
from kalecart.orders.pick import fulfil, start_picking
from kalecart.payments.refund import RefundState
from kalecart.privacy.erase import erase_person
from kalecart.privacy.erasure import ErasureView
from kalecart.privacy.hold import HoldKind
from kalecart.privacy.reads_erasure import certificate, erasure_of
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import Erasure
from kalecart.privacy.subject import Person
from kalecart.tasks import promise
from kalecart.vault import CannotOpen, Vault, key_of
from tests.builders import a_refund
from tests.people import EMAIL, Door
from tests.till import Till


class Office:
    """Where somebody is erased, by the log-in that may."""

    def __init__(self, till: Till, as_privacy: Database) -> None:
        self.till, self.db, self.clock = till, till.runtime.db, till.runtime.clock
        self.as_privacy = as_privacy

    async def erases(self, customer_id: CustomerId) -> bool:
        """As the worker does it: the letter is held, because no mail server is set up."""
        try:
            return await erase_person(Person.customer(customer_id), None, db=self.as_privacy, clock=self.clock)
        except NotYet:
            await self.till.work()
            return await erase_person(Person.customer(customer_id), None, db=self.as_privacy, clock=self.clock)

    async def view(self, customer_id: CustomerId) -> ErasureView:
        async with self.as_privacy.snapshot() as tx:
            found = await erasure_of(tx, customer_id)
        assert found is not None
        return found

    async def rows(self, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
        """Everything the register finds of a person."""
        found = {}
        async with self.db.snapshot() as tx:
            for table in REGISTER.values():
                whose = about(table)
                if whose:
                    asked = sa.text(f"SELECT * FROM {table.name} WHERE {whose}")
                    rows = await tx.execute(asked.bindparams(sa.bindparam("person", customer_id, sa.Uuid)))
                    found[table.name] = [dict(row) for row in rows.mappings()]
        return found


@pytest.fixture
def office(till: Till, as_privacy: Database) -> Office:
    return Office(till, as_privacy)


async def test_nothing_sealed_is_left_of_an_erased_person_and_the_key_is_gone(office: Office, vault: Vault):
    shopper = await office.till.a_shopper()
    order = await office.till.places(shopper, 2499)
    await office.till.work()
    await _delivered(office, order.id)
    other = await office.till.a_shopper()
    before = await office.rows(other.customer_id)

    whole = await office.erases(shopper.customer_id)

    assert whole
    left = await office.rows(shopper.customer_id)
    for name, rows in left.items():
        for column, entry in REGISTER[name].personal().items():
            if entry.erase in {Erasure.SHREDDED, Erasure.EMPTIED}:
                assert [row[column] for row in rows if row[column]] == [], f"{name}.{column}"
            if entry.erase is Erasure.DELETED:
                assert rows == [], name
    async with office.db.transaction() as tx:
        with pytest.raises(CannotOpen):
            await key_of(tx, shopper.customer_id, vault)
        assert await tombstones.is_erased(tx, shopper.customer_id)
    assert (await office.rows(other.customer_id)) == before


async def test_the_books_of_an_erased_person_stay_and_add_up_under_a_number_that_leads_to_nobody(office: Office):
    """E64."""
    shopper = await office.till.a_shopper()
    order = await office.till.places(shopper, 2499)
    await office.till.work()
    await _delivered(office, order.id)

    await office.erases(shopper.customer_id)

    rows = await office.rows(shopper.customer_id)
    assert [row["total_cents"] for row in rows["customer_order"]] == [2499]
    assert [row["amount_cents"] for row in rows["ledger_entry"]] == [2499]
    assert (await office.till.kept())[0] == 2499
    view = await office.view(shopper.customer_id)
    assert view.ordered
    assert view.books_until - order.placed_at >= timedelta(days=4 * 365)


async def test_whoever_asks_to_be_erased_while_an_order_is_on_its_way_is_erased_once_it_is_delivered(office: Office):
    """E63: what the driver needs is kept until then, and nothing else."""
    shopper = await office.till.a_shopper()
    order = await office.till.places(shopper, 2499)
    await office.till.work()
    spare = await office.till.saves(shopper.customer_id, "pm_card_mastercard")

    assert await office.erases(shopper.customer_id) is False

    view = await office.view(shopper.customer_id)
    assert [(hold.kind, hold.subject) for hold in view.held] == [(HoldKind.OPEN_ORDER, order.id)]
    assert view.held[0].until is not None
    assert view.ended_at is None
    rows = await office.rows(shopper.customer_id)
    sealed = {row["id"]: bytes(row["sealed"]) for row in rows["payment_method"]}
    assert sealed[spare.id] == b""
    assert sealed[shopper.card] != b""
    assert bytes(rows["customer"][0]["name_sealed"]) != b""
    assert rows["session"] == rows["cart"] == []

    await _delivered(office, order.id)

    assert await office.erases(shopper.customer_id)
    view = await office.view(shopper.customer_id)
    assert (view.held, view.ended_at is not None) == ([], True)
    rows = await office.rows(shopper.customer_id)
    assert bytes(rows["customer"][0]["name_sealed"]) == b""


async def test_a_refund_under_way_and_an_open_dispute_keep_what_they_need_and_say_until_when(office: Office):
    """E63."""
    shopper = await office.till.a_shopper()
    order = await office.till.places(shopper, 2499)
    await office.till.work()
    await _delivered(office, order.id)
    await a_refund(office.db, order.id, "quality", {"kale": 500}, now=office.clock.now(), state="pending")
    async with office.db.transaction() as tx:
        dispute = """
            INSERT INTO dispute (stripe_id, order_id, amount_cents, status, reason, evidence_due_at, opened_at)
            VALUES ('du_1', :order, 2499, 'needs_response', 'general', :at, :at)
        """
        await tx.execute(sa.text(dispute), {"order": order.id, "at": office.clock.now()})

    assert await office.erases(shopper.customer_id) is False

    view = await office.view(shopper.customer_id)
    assert {hold.kind for hold in view.held} == {HoldKind.OPEN_DISPUTE, HoldKind.REFUND_UNDER_WAY}
    assert all(hold.until and hold.until > office.clock.now() for hold in view.held)
    phone = (await office.rows(shopper.customer_id))["customer"][0]["phone_sealed"]
    assert bytes(phone) == b""


async def test_stripe_forgets_an_erased_person_and_is_asked_again_until_it_answers(office: Office):
    shopper = await office.till.a_shopper()
    card = await office.till.one("SELECT stripe_id FROM payment_method")
    gateway = office.till.runtime.gateway
    assert (await gateway.read_method(card)).attached
    await office.till.fault("/v1/customers/.*", "drop_after_commit", times=1, method="DELETE")

    await office.erases(shopper.customer_id)
    await office.till.work_until_quiet(rounds=4)

    assert (await office.view(shopper.customer_id)).at_stripe_at is not None
    assert not (await gateway.read_method(card)).attached
    assert await office.till.one("SELECT count(*) FROM erasure WHERE stripe_customer_id IS NOT NULL") == 0
    assert await office.till.one("SELECT stripe_customer_id IS NULL AND email_sealed = '' FROM customer")
    # Each time it was told is a line of the ledger: under a number that by now leads to nobody.
    told = "SELECT count(*) FROM disclosure JOIN customer ON customer.id = person_id WHERE ground = 'law'"
    assert await office.till.one(f"{told} AND recipient = 'stripe'") >= 1


async def test_a_refund_that_arrives_for_an_erased_shopper_moves_the_money_and_writes_nothing_personal(office: Office):
    """E69."""
    shopper = await office.till.a_shopper()
    order = await office.till.places(shopper, 2499)
    await office.till.work()
    await _delivered(office, order.id)
    await office.erases(shopper.customer_id)
    before = await office.rows(shopper.customer_id)

    await office.till.refunds(order, amount_cents=500)
    await office.till.work_until_quiet(rounds=4)

    assert sum(await office.till.ledger()) == 1999
    after = await office.rows(shopper.customer_id)
    for name in ("customer", "address", "payment_method"):
        assert after[name] == before[name], name
    assert after["refund"][0]["state"] in {RefundState.SUCCEEDED, RefundState.PENDING}
    assert {row["state"] for row in after["mail"] if row["kind"] == "refund_receipt"} <= {"unneeded", "held"}


async def test_an_erased_customer_is_logged_out_and_signs_up_again_as_a_new_person(
    door: Door, office: Office, vault: Vault
):
    """E66."""
    first = await door.signs_up()
    await office.erases(first.customer_id)

    with pytest.raises(WrongLogIn):
        await door.logs_in()
    again = await door.signs_up()

    assert again.customer_id != first.customer_id
    async with office.db.snapshot() as tx:
        assert (await profile(tx, again.customer_id, vault)).email == EMAIL
        assert not await tombstones.is_erased(tx, again.customer_id)
        with pytest.raises(NotFound):
            await profile(tx, first.customer_id, vault)


async def test_the_trail_is_untouched_by_an_erasure_but_for_the_lines_that_say_it(office: Office):
    """E68: it holds numbers and codes only."""
    shopper = await office.till.a_shopper()
    lines = sa.text("SELECT * FROM audit_entry ORDER BY id")
    async with office.db.snapshot() as tx:
        before = (await tx.execute(lines)).all()

    await office.erases(shopper.customer_id)

    async with office.db.snapshot() as tx:
        after = (await tx.execute(lines)).all()
    assert after[: len(before)] == before
    assert [line.act for line in after[len(before) :]] == ["erasure_begun", "erased"]


async def test_an_erasure_that_died_half_way_is_finished_by_the_next_try_and_done_once(office: Office):
    shopper = await office.till.a_shopper()
    with pytest.raises(NotYet):
        await erase_person(Person.customer(shopper.customer_id), None, db=office.as_privacy, clock=office.clock)
    # Whoever looked now saw a closed account and nothing else changed.
    rows = await office.rows(shopper.customer_id)
    assert bytes(rows["customer"][0]["name_sealed"]) != b""

    results = [await office.erases(shopper.customer_id) for _ in range(3)]

    assert results == [True, True, True]
    assert await office.till.one("SELECT count(*) FROM vault.tombstone") == 1
    assert await office.till.one("SELECT count(*) FROM task WHERE topic = 'forget_at_stripe'") == 1


async def test_an_erasure_waits_for_its_letter_and_not_for_ever(office: Office):
    shopper = await office.till.a_shopper()
    for _ in range(3):
        with pytest.raises(NotYet):
            await erase_person(Person.customer(shopper.customer_id), None, db=office.as_privacy, clock=office.clock)
    office.clock.advance(minutes=61)

    assert await erase_person(Person.customer(shopper.customer_id), None, db=office.as_privacy, clock=office.clock)


async def test_the_worker_erases_who_was_promised_to_be_and_the_certificate_names_nobody(office: Office):
    shopper = await office.till.a_shopper()
    job = ErasePerson(customer_id=shopper.customer_id, request_id=new_id())
    async with office.db.transaction() as tx:
        await promise(tx, job, now=office.clock.now())

    for _ in range(4):
        await office.till.work()
        office.clock.advance(seconds=4)

    view = await office.view(shopper.customer_id)
    assert (view.ended_at is not None, view.request_id) == (True, job.request_id)
    async with office.db.snapshot() as tx:
        shown = await certificate(tx, view.id)
        assert await certificate(tx, new_id()) is None
    assert shown == replace(view)
    assert ForgetAtStripe.topic in {key.partition(":")[0] for key in await office.till.tasks()}


async def test_nobody_is_erased_who_never_was(office: Office):
    with pytest.raises(NotFound):
        await erase_person(Person.customer(CustomerId(new_id())), None, db=office.as_privacy, clock=office.clock)


async def _delivered(office: Office, order_id: Any) -> None:
    by: Any = new_id()
    run = office.till.runtime
    await start_picking(order_id, by=by, db=run.db, clock=run.clock)
    await fulfil(order_id, by=by, db=run.db, clock=run.clock)
