import asyncio

import pytest
import sqlalchemy as sa

from kalecart.catalogue.tables import stock
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, StaffId, new_id
from kalecart.orders.cancel import TooLateToCancel, cancel_order
from kalecart.orders.order import Asker, OrderMovedOn, OrderStatus
from kalecart.orders.pick import fulfil, start_picking
from kalecart.payments.pay_again import NothingToPay, pay_again
from kalecart.windows.tables import delivery_window
from tests.till import Till

TOTAL = 4 * 500 + 499


async def shelf_and_window(till: Till) -> tuple[int, int]:
    async with till.runtime.db.transaction() as tx:
        left = await tx.scalar(sa.select(sa.func.sum(stock.c.on_hand)))
        taken = await tx.scalar(sa.select(sa.func.sum(delivery_window.c.taken)))
    return int(left or 0), int(taken or 0)


async def test_a_cancelled_order_gives_goods_and_window_back_at_once_and_the_money_by_refund(till: Till) -> None:
    shopper = await till.a_shopper()
    before = await shelf_and_window(till)
    order = await till.places(shopper, TOTAL)
    await till.work()

    await till.cancels(order)
    after = await shelf_and_window(till)
    await till.work_until_quiet()

    assert await till.status(order) is OrderStatus.CANCELLED
    assert after == before
    assert await till.ledger() == [TOTAL, -TOTAL]
    assert await till.kept() == (0, 0)


async def test_an_order_cancelled_before_anybody_charged_it_is_never_charged(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)

    await till.cancels(order)
    await till.work_until_quiet()

    assert await till.stripe_says() == await till.ledger() == []
    assert set((await till.tasks()).values()) == {"done"}


@pytest.mark.parametrize("path", [r"/v1/payment_intents$", r"/confirm$"])
@pytest.mark.parametrize("kind", ["error_500_before", "error_500_after_commit", "drop_before", "drop_after_commit"])
async def test_cancelling_while_the_outcome_is_unknown_keeps_nothing(till: Till, path: str, kind: str) -> None:
    """Whatever Stripe did about the try nobody heard of, in the end the customer has paid nothing."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(path, kind)
    await till.work()

    await till.cancels(order)
    await till.work_until_quiet()

    assert await till.status(order) is OrderStatus.CANCELLED
    assert await till.kept() == (0, 0)
    assert (await till.payment(order)).attempts == () or (await till.payment(order)).attempts[-1].ended_at is not None


async def test_cancelling_while_the_card_is_being_charged_gives_the_money_back(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.ask("PUT", "config", latency_ms=50)

    charging = asyncio.create_task(till.work())
    await till.cancels(order)
    await charging
    await till.work_until_quiet()

    assert await till.status(order) is OrderStatus.CANCELLED
    assert await till.kept() == (0, 0)


async def test_cancelling_twice_at_once_refunds_once(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()

    await asyncio.gather(*(till.cancels(order) for _ in range(5)))
    await asyncio.gather(*(till.work() for _ in range(3)))
    await till.work_until_quiet()

    assert await till.ledger() == [TOTAL, -TOTAL]
    assert (await till.told(order)).count("cancelled") == 1


async def test_cancelling_races_picking_and_one_of_them_wins(till: Till) -> None:
    """E36: the money matches whoever was first."""
    for _ in range(4):
        order = await till.places(await till.a_shopper(), TOTAL)
        await till.work()
        run = till.runtime

        cancelled, picked = await asyncio.gather(
            till.cancels(order),
            start_picking(order.id, by=StaffId(new_id()), db=run.db, clock=run.clock),
            return_exceptions=True,
        )
        await till.work_until_quiet()

        assert isinstance(cancelled, TooLateToCancel) != isinstance(picked, OrderMovedOn)
        expected = OrderStatus.CANCELLED if isinstance(picked, OrderMovedOn) else OrderStatus.PICKING
        assert await till.status(order) is expected
        ours, stripes = await till.kept()
        assert ours == stripes


async def test_nothing_is_picked_before_it_is_paid(till: Till) -> None:
    """C15."""
    order = await till.places(await till.a_shopper(), TOTAL)
    run = till.runtime

    with pytest.raises(OrderMovedOn):
        await start_picking(order.id, by=StaffId(new_id()), db=run.db, clock=run.clock)

    await till.work()
    await start_picking(order.id, by=StaffId(new_id()), db=run.db, clock=run.clock)
    await fulfil(order.id, by=StaffId(new_id()), db=run.db, clock=run.clock)
    assert await till.status(order) is OrderStatus.FULFILLED
    with pytest.raises(TooLateToCancel):
        await till.cancels(order)


async def test_another_customer_cannot_cancel_an_order(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    run = till.runtime

    with pytest.raises(NotFound):
        await cancel_order(
            order.id,
            by=Asker.CUSTOMER,
            customer_id=CustomerId(new_id()),
            db=run.db,
            clock=run.clock,
            dispatcher=run.dispatcher,
        )

    assert await till.status(order) is OrderStatus.PLACED


async def test_a_declined_order_that_was_cancelled_takes_no_other_card(till: Till) -> None:
    shopper = await till.a_shopper("pm_card_chargeCustomerFail")
    order = await till.places(shopper, TOTAL)
    await till.work()
    await till.cancels(order)
    other = await till.saves(shopper.customer_id, "pm_card_visa")
    run = till.runtime

    with pytest.raises(NothingToPay):
        await pay_again(
            order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
        )

    await till.work_until_quiet()
    assert await till.kept() == (0, 0)


@pytest.mark.parametrize("kind", ["error_500_before", "error_500_after_commit", "drop_after_commit"])
async def test_an_error_of_stripes_own_while_cancelling_is_not_repeated_for_a_day(till: Till, kind: str) -> None:
    order = await till.places(await till.a_shopper("pm_card_authenticationRequired"), TOTAL)
    await till.work()
    await till.fault(r"/cancel$", kind)

    await till.cancels(order)
    await till.work_until_quiet(rounds=3)

    assert set((await till.tasks()).values()) == {"done"}
    assert (await till.payment(order)).state == "canceled"


async def test_a_debit_that_fails_after_its_order_was_cancelled_can_never_be_tried_again(till: Till) -> None:
    order = await till.places(await till.pays_from("pm_usBankAccount_noAccount"), TOTAL)
    await till.work()
    await till.cancels(order)
    await till.work()
    in_hand = (await till.payment(order)).state

    await till.bank_answers()

    intents = (await till.ask("GET", "ledger"))["intents"]
    assert in_hand == "processing"
    assert [intent["status"] for intent in intents] == ["canceled"]
    assert (await till.payment(order)).state == "canceled"
    assert await till.kept() == (0, 0)
