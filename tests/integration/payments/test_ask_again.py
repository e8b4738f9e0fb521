"""Payments that stay open are asked about, and what was given up while Stripe was away is done when it is back."""

import pytest
import sqlalchemy as sa

from kalecart.jobs import ChargeOrder
from kalecart.orders.order import Order, OrderStatus
from kalecart.payments import store
from kalecart.payments.ask_again import ask_again
from kalecart.tasks import alert, task
from tests.till import Till

TOTAL = 4 * 500 + 499


async def asks(till: Till) -> int:
    """A minute's slot; returns how many questions wait to be asked after it."""
    run = till.runtime
    await ask_again(run.clock.now().isoformat(), None, db=run.db, gateway=run.gateway, clock=run.clock)
    states = (await till.tasks()).items()
    return sum(key.startswith("check_payment") and state == "pending" for key, state in states)


def passes(till: Till, **length: float) -> None:
    till.runtime.clock.advance(**length)  # ty: ignore[unresolved-attribute]  # a FakeClock


async def dies_after_stripe_succeeded(till: Till, order: Order) -> None:
    """What a worker does until it is killed: everything but its last commit, and its task is lost with it."""
    run = till.runtime
    async with run.db.direct() as pg:
        begun = await store.begin(pg, order.id, now=run.clock.now())
        assert begun is not None
    made = await run.gateway.create_intent(
        order.id, amount_cents=begun.amount_cents, stripe_customer_id=begun.stripe_customer_id, key="create"
    )
    async with run.db.direct() as pg:
        opened = await store.open_attempt(
            pg, order.id, made.stripe_id, number=1, method_id=begun.method_id, now=run.clock.now()
        )
    assert opened is not None
    await run.gateway.confirm_intent(
        made.stripe_id, method_id=begun.stripe_method_id, order_id=order.id, key=opened.stripe_key
    )
    async with run.db.transaction() as tx:
        await tx.execute(sa.delete(task))


async def open_alerts(till: Till) -> list[str]:
    async with till.runtime.db.transaction() as tx:
        return list((await tx.execute(sa.select(alert.c.kind).where(alert.c.resolved_at.is_(None)))).scalars())


async def test_a_worker_killed_after_stripe_succeeded_leaves_an_order_that_completes_with_one_charge(
    till: Till,
) -> None:
    """E19."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await dies_after_stripe_succeeded(till, order)

    passes(till, minutes=1)
    assert await asks(till) == 1
    await till.work()

    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_a_payment_is_asked_about_after_a_minute_and_then_twice_as_long_each_time_up_to_an_hour(
    till: Till,
) -> None:
    await till.places(await till.a_shopper("pm_card_authenticationRequired"), TOTAL)
    await till.work()
    asked_after = []

    for minute in range(1, 190):
        passes(till, minutes=1)
        if await asks(till):
            asked_after.append(minute)
            await till.work()

    assert asked_after == [1, 2, 4, 8, 16, 32, 64, 124, 184]


async def test_a_payment_that_is_over_is_not_asked_about(till: Till) -> None:
    await till.places(await till.a_shopper(), TOTAL)
    await till.places(await till.a_shopper("pm_card_chargeCustomerFail"), TOTAL)
    await till.work()

    passes(till, hours=2)

    assert await asks(till) == 0


@pytest.mark.parametrize("path", [r"/v1/payment_intents$", r"/confirm$"])
async def test_an_outage_of_hours_strands_no_order(till: Till, path: str) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault(path, "error_500_before", times=1_000)
    await till.work_until_quiet(rounds=14)
    charge = ChargeOrder(order_id=order.id, attempt=1).key
    assert (await till.tasks())[charge] == "dead"
    assert await open_alerts(till) == ["dead_letter"]

    await till.fault(r"/v1/payment_intents$", "error_500_before", times=1_000)
    await asks(till)
    still_away = (await till.tasks())[charge]
    await till.ask("DELETE", "faults")
    await asks(till)
    await till.work()
    await asks(till)

    assert still_away == "dead"
    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert await open_alerts(till) == []


async def test_a_task_that_broke_on_a_rule_or_a_bug_is_left_to_people(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(task).values(state="dead", last_error="Refused", ended_at=till.runtime.clock.now()))

    await asks(till)

    assert (await till.tasks())[ChargeOrder(order_id=order.id, attempt=1).key] == "dead"


async def test_while_stripe_is_away_no_question_is_promised_and_none_dies(till: Till) -> None:
    await till.places(await till.a_shopper("pm_card_authenticationRequired"), TOTAL)
    await till.work()
    await till.fault("/v1/payment_intents", "error_500_before", times=1_000)

    for _ in range(5):
        passes(till, minutes=1)
        assert await asks(till) == 0
    await till.ask("DELETE", "faults")

    assert await asks(till) == 1
