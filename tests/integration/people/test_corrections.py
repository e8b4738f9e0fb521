"""Details kept right: what was corrected and where it went, and the question whether all of it is still right (C7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.ask_yearly import ask_yearly
from kalecart.accounts.still_right import confirm_details
from kalecart.customers import store
from kalecart.customers.address import Address
from kalecart.customers.correction import CheckWhy, Outcome, PastDetail, Place
from kalecart.customers.reads import check_why, corrections_of, open_checks, profile, reach_before
from kalecart.customers.tables import detail_check, past_detail
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, OrderId
from kalecart.orders.place import place_order
from kalecart.orders.tables import customer_order, order_event
from kalecart.payments.tables import payment_method
from kalecart.tasks import task
from tests.builders import TERMS, Shopper, a_card, a_product, a_window, charged
from tests.hints import RecordedHints
from tests.people import ADDRESS, EMAIL, PASSWORD, Door

MOVED = Address(street="1 Main St", city="Los Angeles", state="CA", postal_code="90012")
TOTAL = 4 * 500 + 499


@dataclass
class Customer:
    door: Door
    id: CustomerId

    async def corrects(self, **fields: object) -> None:
        self.door.clock.advance(minutes=1)
        asked = Amendment(**fields)  # ty: ignore[invalid-argument-type]
        await amend(asked, customer_id=self.id, terms=self.door.terms, **self.door.verbs)  # ty: ignore[invalid-argument-type]

    async def past(self) -> Sequence[PastDetail]:
        async with self.door.db.snapshot() as tx:
            return await corrections_of(tx, self.id, self.door.vault)

    async def asked(self) -> list[str]:
        async with self.door.db.snapshot() as tx:
            return sorted(await open_checks(tx, self.id))

    async def is_asked(self, why: CheckWhy) -> None:
        async with self.door.db.transaction() as tx:
            await store.raise_check(tx, self.id, why, now=self.door.clock.now())

    async def confirms(self) -> None:
        await confirm_details(self.id, db=self.door.db, clock=self.door.clock)

    async def orders(self) -> OrderId:
        db, now = self.door.db, self.door.clock.advance(minutes=1)
        card = await a_card(db, self.door.vault, self.id, now=now)
        shopper = Shopper(db, self.id, card, await a_window(db, now=now))
        await shopper.puts("kale", 4, now=now)
        asked, hints = shopper.asks(TOTAL, key=str(card)), RecordedHints()
        order = await place_order(asked, db=db, clock=self.door.clock, dispatcher=hints, terms=TERMS)  # ty: ignore[invalid-argument-type]
        await charged(db, order.id, now=now)
        return order.id


@pytest_asyncio.fixture
async def ana(door: Door) -> Customer:
    await a_product(door.db, "kale")
    return Customer(door, (await door.signs_up()).customer_id)


async def promised(door: Door) -> list[str]:
    async with door.db.snapshot() as tx:
        return sorted(row.arguments["kind"] for row in await tx.execute(sa.select(task)) if row.topic == "send_mail")


async def test_what_was_corrected_stays_as_it_was_sealed_with_the_persons_key(ana):
    await ana.corrects(phone="310 555 0199")
    await ana.corrects(address=MOVED, name="Ana Lima")

    address, phone = await ana.past()
    assert (phone.field, phone.text, phone.why, phone.staff_id) == ("phone", "+12135550123", "own_correction", None)
    assert (address.field, Address.from_text(address.text)) == ("address", ADDRESS)
    async with ana.door.db.snapshot() as tx:
        kept = b"".join(await tx.scalars(sa.select(past_detail.c.sealed)))
    assert b"2135550123" not in kept
    assert b"Spring" not in kept


async def test_sending_the_form_unchanged_corrects_nothing(ana):
    await ana.corrects(name="Ana Lima", phone="(213) 555-0123", email=EMAIL, address=ADDRESS)

    assert await ana.past() == []


async def test_a_new_e_mail_address_warns_the_old_one_which_is_known_for_that_alone(ana):
    await ana.corrects(email="ana@example.org", password=PASSWORD)

    (past,) = await ana.past()
    async with ana.door.db.snapshot() as tx:
        warned = await reach_before(tx, past.id, ana.door.vault)
        after = await profile(tx, ana.id, ana.door.vault)
    assert warned.email == EMAIL
    assert after.email_changed_at == past.changed_at == ana.door.clock.now()
    assert await promised(ana.door) == ["email_changed"]


async def test_a_corrected_address_reaches_the_orders_that_were_chosen_and_are_not_packed_yet(ana):
    chosen, packed, left = [await ana.orders() for _ in range(3)]
    async with ana.door.db.transaction() as tx:
        await tx.execute(sa.update(customer_order).where(customer_order.c.id == packed).values(status="picking"))
        before = (await profile(tx, ana.id, ana.door.vault)).address_id

    await ana.corrects(address=MOVED, orders=(chosen, packed))

    async with ana.door.db.snapshot() as tx:
        now = (await profile(tx, ana.id, ana.door.vault)).address_id
        goes_to = {row.id: row.address_id for row in await tx.execute(sa.select(customer_order))}
        told = list(
            await tx.scalars(sa.select(order_event.c.order_id).where(order_event.c.kind == "address_corrected"))
        )
    assert goes_to == {chosen: now, packed: before, left: before}
    assert told == [chosen]
    effects = {(effect.place, effect.order_id): effect.outcome for effect in (await ana.past())[0].effects}
    assert effects == {
        (Place.ORDER, chosen): Outcome.APPLIED,
        (Place.ORDER, packed): Outcome.TOO_LATE,
        (Place.STRIPE, None): Outcome.NOT_HELD,
    }


async def test_a_name_that_its_owner_gave_stripe_with_a_bank_account_is_said_to_stay_there(ana):
    await ana.corrects(name="Ana Maria Lima")
    card = await a_card(ana.door.db, ana.door.vault, ana.id, now=ana.door.clock.now())
    async with ana.door.db.transaction() as tx:
        as_bank = {"kind": "bank", "brand": None, "funding": None}
        await tx.execute(sa.update(payment_method).where(payment_method.c.id == card).values(**as_bank))

    await ana.corrects(name="Ana Oliveira", phone="310 555 0199")

    outcomes = {(past.field, past.text): past.effects[0].outcome for past in await ana.past()}
    assert outcomes == {
        ("name", "Ana Lima"): Outcome.NOT_HELD,
        ("name", "Ana Maria Lima"): Outcome.KEPT,
        ("phone", "+12135550123"): Outcome.NOT_HELD,
    }


async def test_nobody_can_redirect_another_customers_order(ana):
    order = await ana.orders()
    bea = replace(ana, id=(await ana.door.signs_up(email="bea@example.com")).customer_id)

    with pytest.raises(NotFound):
        await bea.corrects(address=MOVED, orders=(order,))

    assert await bea.past() == []


async def test_a_question_is_asked_once_and_answered_with_one_press(ana):
    await ana.is_asked(CheckWhy.MAIL_FAILED)
    await ana.is_asked(CheckWhy.MAIL_FAILED)
    assert await ana.asked() == [CheckWhy.MAIL_FAILED]

    await ana.confirms()

    assert await ana.asked() == []
    async with ana.door.db.snapshot() as tx:
        rows = (await tx.execute(sa.select(detail_check))).all()
        assert (await profile(tx, ana.id, ana.door.vault)).details_confirmed_at == ana.door.clock.now()
    assert [(row.why, row.answer) for row in rows] == [(CheckWhy.MAIL_FAILED, "still_right")]


async def test_a_correction_of_what_was_asked_about_answers_it_and_another_does_not(ana):
    await ana.is_asked(CheckWhy.MAIL_FAILED)
    await ana.is_asked(CheckWhy.DELIVERY_FAILED)

    await ana.corrects(name="Ana Maria Lima")
    assert await ana.asked() == [CheckWhy.DELIVERY_FAILED, CheckWhy.MAIL_FAILED]
    await ana.corrects(phone="310 555 0199")

    assert await ana.asked() == [CheckWhy.MAIL_FAILED]


async def test_a_customer_is_asked_by_letter_once_a_year_and_not_again_before_they_answered(ana):
    async def ask() -> int:
        return await ask_yearly(None, db=ana.door.db, clock=ana.door.clock)

    ana.door.clock.advance(days=364)
    assert await ask() == 0
    ana.door.clock.advance(days=1)
    assert (await ask(), await ask()) == (1, 0)
    assert await promised(ana.door) == ["still_right"]
    await ana.confirms()
    async with ana.door.db.snapshot() as tx:
        check_id = await tx.scalar(sa.select(detail_check.c.id))
        assert check_id is not None
        assert await check_why(tx, check_id) is None

    ana.door.clock.advance(days=364)
    assert await ask() == 0
    ana.door.clock.advance(days=1)
    assert await ask() == 1
