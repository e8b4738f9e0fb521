"""Orders nobody pays do not keep their goods and their places for ever."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.catalogue.tables import stock
from kalecart.orders.order import Order, OrderStatus
from kalecart.orders.reads import order_view
from kalecart.payments.release_unpaid import release_unpaid
from kalecart.windows.tables import delivery_window
from tests.integration.payments.test_bank_confirmation import at_the_bank
from tests.till import Till

TOTAL = 4 * 500 + 499
DECLINES, ASKS, WORKS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_visa"
UNPAID = timedelta(hours=2)


async def tried(till: Till, card: str) -> Order:
    order = await till.places(await till.a_shopper(card), TOTAL)
    await till.work()
    return order


async def passes(till: Till, **length: float) -> int:
    """Time passes, and the clock's job runs."""
    till.runtime.clock.advance(**length)  # ty: ignore[unresolved-attribute]  # a FakeClock
    run = till.runtime
    return await release_unpaid(None, db=run.db, gateway=run.gateway, clock=run.clock, unpaid=UNPAID)


async def kept(till: Till) -> tuple[int, int]:
    async with till.runtime.db.transaction() as tx:
        on_hand = await tx.scalar(sa.select(stock.c.on_hand).where(stock.c.sku == "kale"))
        taken = await tx.scalar(sa.select(sa.func.sum(delivery_window.c.taken)))
    return int(on_hand or 0), int(taken or 0)


@pytest.mark.parametrize("card", [DECLINES, ASKS])
async def test_an_order_nobody_pays_is_cancelled_in_time_and_its_goods_and_place_go_back(till: Till, card: str) -> None:
    order = await tried(till, card)
    held = await kept(till)

    early = await passes(till, hours=1)
    late = await passes(till, hours=1)
    await till.work_until_quiet()

    assert (early, late) == (0, 1)
    assert await till.status(order) is OrderStatus.CANCELLED
    assert held[1] == 1
    assert await kept(till) == (held[0] + 4, 0)
    assert (await till.payment(order)).state == "canceled"
    assert await till.ledger() == await till.stripe_says() == []
    async with till.runtime.db.transaction() as tx:
        seen = await order_view(tx, order.id, None)
    assert seen is not None
    assert [event.detail.get("by") for event in seen.events if event.kind == "cancelled"] == ["shop"]


async def test_the_cut_off_of_its_window_ends_the_waiting_earlier(till: Till) -> None:
    order = await tried(till, DECLINES)
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(delivery_window).values(cutoff_at=till.runtime.clock.now() + timedelta(minutes=30)))

    assert await passes(till, minutes=29) == 0
    assert await passes(till, minutes=1) == 1
    assert await till.status(order) is OrderStatus.CANCELLED


async def test_a_customer_who_confirmed_a_moment_ago_is_found_paid_and_not_cancelled(till: Till) -> None:
    """Stripe is asked first, so that no webhook has to be faster than the clock."""
    order = await tried(till, ASKS)
    await at_the_bank(till, order, "complete")

    released = await passes(till, hours=3)

    assert released == 0
    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_a_payment_whose_outcome_is_unknown_is_never_given_up(till: Till) -> None:
    order = await till.places(await till.a_shopper(WORKS), TOTAL)
    await till.fault(r"/v1/payment_intents/.*/confirm$", "drop_after_commit", times=1)
    await till.work()

    released = await passes(till, hours=3)
    await till.work_until_quiet()

    assert released == 0
    assert await till.status(order) is OrderStatus.PAID


async def test_an_order_waits_on_while_stripe_does_not_answer(till: Till) -> None:
    order = await tried(till, ASKS)
    await till.fault(r"/v1/payment_intents/[^/]*$", "error_500_before", times=1)

    assert await passes(till, hours=3) == 0
    assert await till.status(order) is OrderStatus.PLACED
    assert await passes(till, minutes=15) == 1
