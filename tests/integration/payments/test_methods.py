"""Saved cards: offered first, renewed by their network, removed, and their owners told before they expire (C7)."""

import contextlib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.errors import NotFound, NotYet, Unavailable
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.orders.order import OrderStatus
from kalecart.orders.refusals import UnknownCard
from kalecart.payments.detach_method import detach_method
from kalecart.payments.make_default import make_default
from kalecart.payments.method import MethodInUse, PaymentMethodView
from kalecart.payments.reads import methods_of
from kalecart.payments.remove_method import remove_method
from kalecart.payments.tables import inbox, payment_method
from kalecart.payments.tell_expiring import tell_expiring
from tests.builders import a_customer
from tests.till import Till

TOTAL = 4 * 500 + 499


async def saved(till: Till, customer_id: CustomerId) -> list[PaymentMethodView]:
    async with till.runtime.db.transaction() as tx:
        return list(await methods_of(tx, customer_id, till.runtime.vault))


async def removes(till: Till, method_id: PaymentMethodId, customer_id: CustomerId) -> None:
    run = till.runtime
    await remove_method(method_id, customer_id=customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher)


async def stripe_id_of(till: Till, method_id: PaymentMethodId) -> str:
    async with till.runtime.db.transaction() as tx:
        return await tx.scalar(sa.select(payment_method.c.stripe_id).where(payment_method.c.id == method_id)) or ""


async def outcomes(till: Till) -> list[Any]:
    async with till.runtime.db.transaction() as tx:
        return list((await tx.execute(sa.select(inbox.c.outcome))).scalars())


async def test_the_method_that_was_chosen_is_offered_first_and_only_that(till: Till) -> None:
    shopper = await till.a_shopper()
    second = await till.saves(shopper.customer_id, "pm_card_mastercard")
    run = till.runtime

    for chosen in (shopper.card, second.id, shopper.card):
        await make_default(chosen, customer_id=shopper.customer_id, db=run.db, clock=run.clock)

    found = await saved(till, shopper.customer_id)
    assert [(method.id, method.default) for method in found] == [(shopper.card, True), (second.id, False)]


async def test_another_customers_method_is_neither_offered_first_nor_removed(till: Till) -> None:
    shopper = await till.a_shopper()
    stranger = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())

    with pytest.raises(NotFound):
        await removes(till, shopper.card, stranger)
    with pytest.raises(NotFound):
        await make_default(shopper.card, customer_id=stranger, db=till.runtime.db, clock=till.runtime.clock)

    assert len(await saved(till, shopper.customer_id)) == 1


async def test_a_removed_card_is_forgotten_by_stripe_and_pays_for_nothing(till: Till) -> None:
    shopper = await till.a_shopper()

    await removes(till, shopper.card, shopper.customer_id)
    await removes(till, shopper.card, shopper.customer_id)
    await till.work()

    assert await saved(till, shopper.customer_id) == []
    assert not (await till.runtime.gateway.read_method(await stripe_id_of(till, shopper.card))).attached
    assert await till.tasks() == {f"detach_method:{shopper.card}": "done"}
    with pytest.raises(UnknownCard):
        await till.places(shopper, TOTAL)


async def test_stripe_forgets_a_card_once_however_often_it_is_asked(till: Till) -> None:
    shopper = await till.a_shopper()
    stripe_id = await stripe_id_of(till, shopper.card)

    await till.runtime.gateway.detach(stripe_id, key="first")
    await till.runtime.gateway.detach(stripe_id, key="second")

    assert not (await till.runtime.gateway.read_method(stripe_id)).attached


async def test_a_card_is_not_removed_while_an_order_is_being_paid_with_it(till: Till) -> None:
    shopper = await till.a_shopper()
    order = await till.places(shopper, TOTAL)

    with pytest.raises(MethodInUse, match=order.number):
        await removes(till, shopper.card, shopper.customer_id)
    await till.work()
    await removes(till, shopper.card, shopper.customer_id)

    assert await till.status(order) is OrderStatus.PAID
    assert await saved(till, shopper.customer_id) == []


async def test_a_card_that_was_removed_as_an_order_was_placed_still_pays_for_it(till: Till) -> None:
    """The order was accepted with it. Stripe forgets the card after that."""
    shopper = await till.a_shopper()
    await removes(till, shopper.card, shopper.customer_id)
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(payment_method).values(removed_at=None))
    order = await till.places(shopper, TOTAL)
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(payment_method).values(removed_at=till.runtime.clock.now()))

    await till.work_until_quiet(3)

    assert await till.status(order) is OrderStatus.PAID
    assert set((await till.tasks()).values()) == {"done"}
    assert not (await till.runtime.gateway.read_method(await stripe_id_of(till, shopper.card))).attached


async def test_a_removed_card_is_forgotten_after_days_though_an_order_still_waits_for_it(till: Till) -> None:
    shopper = await till.a_shopper()
    await till.places(shopper, TOTAL)
    run = till.runtime
    forget = partial(detach_method, shopper.card, None, db=run.db, gateway=run.gateway, clock=run.clock)
    async with run.db.transaction() as tx:
        await tx.execute(sa.update(payment_method).values(removed_at=run.clock.now()))

    with pytest.raises(NotYet):
        await forget()
    run.clock.advance(days=3)  # ty: ignore[unresolved-attribute]  # a FakeClock
    await forget()

    assert not (await run.gateway.read_method(await stripe_id_of(till, shopper.card))).attached


async def test_a_card_that_stripe_gave_up_is_a_decline_and_another_pays(till: Till) -> None:
    shopper = await till.a_shopper()
    await till.runtime.gateway.detach(await stripe_id_of(till, shopper.card), key="elsewhere")
    order = await till.places(shopper, TOTAL)

    await till.work()

    payment = await till.payment(order)
    assert (payment.state, payment.can_pay_again) == ("declined", True)
    assert await till.stripe_says() == []


async def test_the_same_card_is_saved_again_after_it_was_removed(till: Till) -> None:
    shopper = await till.a_shopper()
    await removes(till, shopper.card, shopper.customer_id)
    await till.work()

    again = await till.saves(shopper.customer_id, "pm_card_visa")

    assert [method.id for method in await saved(till, shopper.customer_id)] == [again.id]


async def test_a_card_that_its_network_renewed_has_the_new_date_and_may_be_told_of_again(till: Till) -> None:
    shopper = await till.a_shopper()
    stripe_id = await stripe_id_of(till, shopper.card)
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(payment_method).values(expiry_told_at=till.runtime.clock.now()))
    await till.ask("POST", f"payment_methods/{stripe_id}/update", exp_month=3, exp_year=2031, last4="1881")

    (event,) = await till.events("payment_method.automatically_updated")
    await till.hears(event)
    await till.work()

    (card,) = await saved(till, shopper.customer_id)
    assert (card.last4, card.expires) == ("1881", "03/2031")
    assert await outcomes(till) == ["renewed"]
    async with till.runtime.db.transaction() as tx:
        row = (await tx.execute(sa.select(payment_method.c.expires_on, payment_method.c.expiry_told_at))).one()
    assert (row.expires_on.isoformat(), row.expiry_told_at) == ("2031-03-31", None)


async def test_a_card_that_was_detached_at_stripe_is_no_longer_offered(till: Till) -> None:
    shopper = await till.a_shopper()
    await till.ask("POST", f"payment_methods/{await stripe_id_of(till, shopper.card)}/detach")

    (event,) = await till.events("payment_method.detached")
    await till.hears(event)
    await till.work()

    assert await saved(till, shopper.customer_id) == []
    assert await outcomes(till) == ["removed"]


async def test_news_of_a_card_that_no_customer_keeps_alarms_nobody(till: Till) -> None:
    about = {"id": "evt_1", "object": "event", "type": "payment_method.updated", "livemode": False}

    await till.hears(about | {"data": {"object": {"id": "pm_nobody"}}})
    await till.work()

    assert await outcomes(till) == ["foreign"]
    assert await till.alerts() == []


async def test_the_owner_of_a_card_is_told_once_before_it_expires(till: Till) -> None:
    shopper = await till.a_shopper()
    run = till.runtime
    (card,) = await saved(till, shopper.customer_id)
    async with run.db.transaction() as tx:
        last_day = await tx.scalar(sa.select(payment_method.c.expires_on))
        assert last_day is not None
        soon = (run.clock.now() + timedelta(days=31)).date()
        await tx.execute(sa.update(payment_method).values(expires_on=soon + timedelta(days=2)))

    assert await tell_expiring(None, db=run.db, clock=run.clock) == 0
    run.clock.advance(days=2)  # ty: ignore[unresolved-attribute]  # a FakeClock
    assert [await tell_expiring(None, db=run.db, clock=run.clock) for _ in range(2)] == [1, 0]

    (told,) = [key for key in await till.tasks() if key.startswith("send_mail")]
    assert told.startswith(f"send_mail:card_expiring:{card.id}:")


@pytest.mark.parametrize("path", [r"/v1/customers$", r"/attach$"])
async def test_an_error_of_stripes_own_while_saving_a_card_is_not_repeated_for_a_day(till: Till, path: str) -> None:
    customer = await a_customer(till.runtime.db, till.runtime.vault, now=till.runtime.clock.now())
    await till.fault(path, "error_500_after_commit")
    with contextlib.suppress(Unavailable):
        await till.saves(customer, "pm_card_visa")

    card = await till.saves(customer, "pm_card_visa")

    assert card.brand == "visa"
