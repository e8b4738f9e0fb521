"""Delivery that ends by a person's own decision, and comes back by it (C5)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.consent.purpose import NECESSITIES, Ends, Purpose
from kalecart.consent.reads import consents_of, history_of, suspension_of
from kalecart.consent.record import Choices, record_consents
from kalecart.consent.refuse import StillNeeded, refuse_field
from kalecart.consent.suspension import Suspension
from kalecart.consent.tables import consent, suspension
from kalecart.database import Database
from kalecart.jobs import SendMail
from kalecart.mail.compose import compose
from kalecart.mail.store import begin
from kalecart.orders.order import Order, OrderStatus
from kalecart.orders.place import place_order
from kalecart.orders.refusals import DeliveryEnded
from kalecart.orders.tables import customer_order
from kalecart.tasks import Held, task
from kalecart.vault import Vault
from tests.builders import TERMS, Shopper, a_product, a_shopper, a_window
from tests.clock import FakeClock
from tests.hints import RecordedHints
from tests.people import Door

NOTICE = timedelta(days=14)
NEEDED = Purpose.PAYMENT_AND_DELIVERY
KALE_CENTS = 3 * 500 + 499


@dataclass
class Customer:
    """Somebody with a full cart who decides about their consent."""

    db: Database
    vault: Vault
    clock: FakeClock
    shopper: Shopper

    async def decides(self, **given: bool) -> None:
        self.clock.advance(minutes=1)
        choices = Choices(given={Purpose(purpose): yes for purpose, yes in given.items()})
        whom = {"customer_id": self.shopper.customer_id, "db": self.db, "clock": self.clock}
        await record_consents(choices, **whom, notice=NOTICE)  # ty: ignore[invalid-argument-type]

    async def refuses(self, field: str, **but: object) -> None:
        self.clock.advance(minutes=1)
        whom = {"customer_id": self.shopper.customer_id, "db": self.db, "clock": self.clock}
        await refuse_field(field, **whom, notice=NOTICE, **but)  # ty: ignore[invalid-argument-type]

    async def told(self) -> Suspension | None:
        async with self.db.snapshot() as tx:
            return await suspension_of(tx, self.shopper.customer_id)

    async def orders(self) -> Order:
        """Three heads of kale, tomorrow."""
        window = await a_window(self.db, now=self.clock.now())
        self.shopper.token = None
        await self.shopper.puts("kale", 3, now=self.clock.now())
        asked = self.shopper.asks(KALE_CENTS, key=str(window), window_id=window)
        hints = RecordedHints()
        return await place_order(asked, db=self.db, clock=self.clock, dispatcher=hints, terms=TERMS)  # ty: ignore[invalid-argument-type]

    async def rows(self, table: sa.Table) -> int:
        async with self.db.snapshot() as tx:
            return int(await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


@pytest_asyncio.fixture
async def ana(door: Door, vault: Vault) -> AsyncIterator[Customer]:
    await a_product(door.db, "kale")
    customer = Customer(door.db, vault, door.clock, await a_shopper(door.db, vault, now=door.clock.now()))
    await customer.decides(payment_and_delivery=True)
    yield customer


async def test_delivery_ends_on_the_day_that_was_told_and_not_before(ana):
    await ana.decides(payment_and_delivery=False)
    told = await ana.told()
    assert told is not None
    assert told.effective_at - told.told_at >= NOTICE
    before = await ana.orders()

    ana.clock.advance(seconds=(told.effective_at - ana.clock.now()).total_seconds())
    with pytest.raises(DeliveryEnded, match="Agree again"):
        await ana.orders()

    async with ana.db.snapshot() as tx:
        found = (await tx.execute(sa.select(customer_order.c.id, customer_order.c.status))).all()
    assert [(row.id, row.status) for row in found] == [(before.id, OrderStatus.PLACED)]


async def test_consenting_again_restores_delivery_at_once(ana):
    await ana.decides(payment_and_delivery=False)
    ana.clock.advance(days=40)

    await ana.decides(payment_and_delivery=True)

    assert await ana.told() is None
    assert (await ana.orders()).status is OrderStatus.PLACED


async def test_a_customer_who_refuses_the_address_is_told_why_and_loses_delivery_and_nothing_else(ana):
    """E47."""
    await ana.refuses("address")

    told = await ana.told()
    assert told is not None
    assert told.field == "address"
    assert "Address. So that we know where to bring your order" in told.text
    assert "We cannot deliver." in told.text
    assert "Your account stays" in told.text
    async with ana.db.snapshot() as tx:
        latest = (await history_of(tx, ana.shopper.customer_id))[0]
    assert (latest.purpose, latest.given, latest.field) == (NEEDED, False, "address")


@pytest.mark.parametrize("field", ["unit", "phone"])
async def test_refusing_a_field_where_it_is_optional_changes_nothing(ana, field):
    """E46."""
    table = [replace(row, ends=Ends.NOTHING) if row.field == field else row for row in NECESSITIES]
    before = [await ana.rows(kept) for kept in (consent, suspension, task)]

    await ana.refuses(field, necessities=table)

    assert [await ana.rows(kept) for kept in (consent, suspension, task)] == before
    assert await ana.told() is None


@pytest.mark.parametrize("field", [row.field for row in NECESSITIES if row.ends is Ends.ACCOUNT])
async def test_what_an_account_cannot_do_without_is_not_refused_field_by_field(ana, field):
    with pytest.raises(StillNeeded):
        await ana.refuses(field)

    assert await ana.told() is None


async def test_refusing_twice_makes_the_day_neither_sooner_nor_later(ana):
    await ana.refuses("phone")
    first = await ana.told()
    ana.clock.advance(days=3)

    await ana.refuses("address")
    await ana.decides(payment_and_delivery=False)

    assert await ana.told() == first


async def test_the_notice_is_told_by_letter_too_unless_they_agreed_again(ana):
    await ana.decides(payment_and_delivery=False)
    async with ana.db.snapshot() as tx:
        row = (await tx.execute(sa.select(task).where(task.c.topic == "send_mail"))).one()
    held = Held(id=row.id, topic=row.topic, arguments=row.arguments, attempts=1, lease=row.id)
    async with ana.db.direct() as pg:
        message = await begin(pg, SendMail.parse(row.arguments), held)
    assert message is not None

    async def letter(now: datetime) -> str | None:
        async with ana.db.snapshot() as tx:
            written = await compose(tx, message, vault=ana.vault, public_url="http://shop", now=now)
        return written.text if written else None

    words = await letter(ana.clock.now())
    assert words is not None
    assert "So that the driver can ring you at the door" in words
    assert "you cannot place an order" in words
    await ana.decides(payment_and_delivery=True)
    assert await letter(ana.clock.now()) is None


async def test_a_consent_withdrawn_in_mid_order_lets_the_order_complete_and_ends_the_counting_at_once(ana):
    """E45."""
    await ana.decides(improve_service=True)
    order = await ana.orders()

    await ana.decides(improve_service=False)

    async with ana.db.snapshot() as tx:
        held = {state.purpose: state.given for state in await consents_of(tx, ana.shopper.customer_id)}
        status = await tx.scalar(sa.select(customer_order.c.status).where(customer_order.c.id == order.id))
    assert not held[Purpose.IMPROVE_SERVICE]
    assert status == OrderStatus.PLACED
    assert (await ana.orders()).id != order.id
