"""Events that were missed, and gaps between Stripe and our books: found, settled, or named."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.orders.order import Order, OrderStatus
from kalecart.payments.backfill_events import backfill_events
from kalecart.payments.prove import prove_money
from kalecart.payments.reconcile import reconcile
from kalecart.payments.tables import inbox, stripe_cursor
from kalecart.tasks import alert, task
from tests.clock import FakeClock
from tests.till import Till

TOTAL = 4 * 500 + 499


@pytest.fixture
def clock() -> FakeClock:
    """Stripe and we mean the same by a span of time."""
    return FakeClock(datetime.now(UTC))


def passes(till: Till, **length: float) -> None:
    till.runtime.clock.advance(**length)  # ty: ignore[unresolved-attribute]  # a FakeClock


async def a_paid_order(till: Till, card: str = "pm_card_visa") -> Order:
    order = await till.places(await till.a_shopper(card), TOTAL)
    await till.work()
    return order


async def reads_events(till: Till) -> int:
    run = till.runtime
    return await backfill_events(None, db=run.db, gateway=run.gateway, clock=run.clock)


async def reconciles(till: Till) -> list[str]:
    passes(till, minutes=11)
    run = till.runtime
    return await reconcile(None, db=run.db, gateway=run.gateway, clock=run.clock)


async def proves(till: Till) -> None:
    await prove_money(None, db=till.runtime.db, clock=till.runtime.clock)


async def open_alerts(till: Till) -> list[tuple[str, str]]:
    async with till.runtime.db.transaction() as tx:
        rows = await tx.execute(sa.select(alert.c.kind, alert.c.subject).where(alert.c.resolved_at.is_(None)))
        return [(row.kind, row.subject) for row in rows]


async def run(till: Till, statement: str, **values: Any) -> None:
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.text(statement), values)


async def outcomes(till: Till) -> dict[str, str | None]:
    async with till.runtime.db.transaction() as tx:
        return {row.type: row.outcome for row in await tx.execute(sa.select(inbox.c.type, inbox.c.outcome))}


# Events that were missed


async def test_an_event_whose_webhook_was_lost_is_settled_within_minutes(till: Till) -> None:
    await a_paid_order(till)
    await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=100)

    passes(till, minutes=2)
    missed = await reads_events(till)
    await till.work()

    assert missed == 2
    assert await outcomes(till) == {"payment_intent.succeeded": "already_paid", "refund.created": "succeeded"}
    assert await till.ledger() == [TOTAL, -100]


async def test_an_event_is_received_once_whether_it_is_told_or_read(till: Till) -> None:
    await a_paid_order(till)
    await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=100)
    for event in await till.events("refund.created"):
        await till.hears(event)

    passes(till, minutes=2)
    assert await reads_events(till) == 1  # of the payment
    assert await reads_events(till) == 0
    await till.work_until_quiet(rounds=2)

    assert await till.ledger() == [TOTAL, -100]


async def test_the_list_is_read_on_from_where_it_was_read_with_some_overlap(till: Till) -> None:
    passes(till, minutes=2)
    await reads_events(till)
    await a_paid_order(till)
    async with till.runtime.db.transaction() as tx:
        first = await tx.scalar(sa.select(stripe_cursor.c.read_until))

    passes(till, minutes=9)
    assert await reads_events(till) == 1
    passes(till, days=3)
    assert await reads_events(till) == 0

    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(stripe_cursor.c.read_until)) > first


async def test_a_list_that_could_not_be_read_to_its_end_is_read_again_from_the_same_place(till: Till) -> None:
    await a_paid_order(till)
    passes(till, minutes=2)
    await till.fault("/v1/events", "error_500_before", times=5)
    assert await reads_events(till) == 0
    async with till.runtime.db.transaction() as tx:
        assert await tx.scalar(sa.select(stripe_cursor.c.read_until)) is None

    await till.ask("DELETE", "faults")

    assert await reads_events(till) == 1


async def test_an_event_about_what_stripe_does_not_know_ends_and_breaks_nothing(till: Till) -> None:
    """E31."""
    event = {
        "id": "evt_nowhere",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "data": {"object": {"id": "pi_nowhere"}},
    }

    await till.hears(event)
    await till.work()

    assert await outcomes(till) == {"payment_intent.succeeded": "not_at_stripe"}
    assert set((await till.tasks()).values()) == {"done"}


# Gaps between Stripe and the books


async def test_books_that_agree_are_left_alone(till: Till) -> None:
    await till.refunds(await a_paid_order(till), amount_cents=100)
    await till.work()

    assert await reconciles(till) == []
    assert await open_alerts(till) == []


async def test_a_payment_that_stripe_has_and_nobody_told_us_of_is_brought_into_the_books(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault("/confirm$", "drop_after_commit")
    await till.work()
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.delete(task))

    assert await reconciles(till) == []

    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == [TOTAL]


async def test_a_refund_and_a_dispute_nobody_told_us_of_are_brought_into_the_books(till: Till) -> None:
    await a_paid_order(till)
    await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=100)
    await a_paid_order(till, "pm_card_createDispute")
    await till.ask("POST", "hurry")

    assert await reconciles(till) == []

    assert sorted(await till.ledger()) == [-TOTAL, -100, TOTAL, TOTAL]
    ours, stripes = await till.kept()
    assert ours == stripes


async def test_a_refund_that_failed_unheard_comes_back_into_the_books(till: Till) -> None:
    await till.refunds(await a_paid_order(till, "pm_card_refundFail"), amount_cents=100)
    await till.work()
    await till.ask("POST", "hurry")

    assert await reconciles(till) == []

    assert sorted(await till.ledger()) == [-100, 100, TOTAL]
    assert ("refund_failed" in [kind for kind, _ in await open_alerts(till)]) is True


async def a_second_intent(till: Till, order: Order, **more: Any) -> str:
    form = {"metadata[order_id]": order.id, "payment_method_types[]": "card", **more}
    return (await till.stripe("/v1/payment_intents", amount=TOTAL, currency="usd", **form))["id"]


async def test_an_intent_that_was_made_and_lost_is_cancelled_at_stripe(till: Till) -> None:
    order = await a_paid_order(till)
    stray = await a_second_intent(till, order)

    assert await reconciles(till) == []

    assert (await till.runtime.gateway.read_intent(stray)).status == "canceled"
    assert await till.status(order) is OrderStatus.PAID
    assert await open_alerts(till) == []


async def test_a_second_charge_of_an_order_is_named_until_it_is_gone(till: Till) -> None:
    order = await a_paid_order(till)
    double = await a_second_intent(till, order, payment_method="pm_card_visa", confirm="true")

    for _ in range(2):
        assert await reconciles(till) == [f"payment_intent:double:{double}"]

    assert await open_alerts(till) == [("mismatch", f"payment_intent:double:{double}")]
    assert await till.ledger() == [TOTAL]


async def test_what_only_our_books_have_is_named_and_the_alert_ends_with_it(till: Till) -> None:
    await a_paid_order(till)
    stripe_id = (await till.stripe_ids())[0]
    await run(till, "UPDATE ledger_entry SET amount_cents = amount_cents - 1")
    assert await reconciles(till) == [f"payment_intent:amount:{stripe_id}"]

    await run(till, "UPDATE ledger_entry SET amount_cents = amount_cents + 1")

    assert await reconciles(till) == []
    assert await open_alerts(till) == []


async def test_while_stripe_is_away_nothing_is_said_and_nothing_is_passed_over(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.fault("/confirm$", "drop_after_commit")
    await till.work()
    await till.fault("/v1/refunds", "error_500_before", times=5)
    assert await reconciles(till) == []
    assert await till.status(order) is OrderStatus.PLACED

    await till.ask("DELETE", "faults")
    await reconciles(till)

    assert await till.status(order) is OrderStatus.PAID


# Invariants, watched


async def test_a_broken_invariant_is_told_once_and_the_alert_ends_when_it_holds_again(till: Till) -> None:
    order = await a_paid_order(till)
    await run(till, "UPDATE order_line SET quantity = quantity + 1")
    for _ in range(2):
        await proves(till)
    told = await open_alerts(till)

    await run(till, "UPDATE order_line SET quantity = quantity - 1")
    await proves(till)

    assert told == [("invariant:costs_what_its_lines_cost", str(order.id))]
    assert await open_alerts(till) == []
