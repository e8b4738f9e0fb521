"""Stripe's lists against our books, and our books against Stripe, both of them broken on purpose."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from kalecart.orders.order import Order
from local.money import MoneyReport, examine_money
from tests.clock import FakeClock
from tests.till import Till

TOTAL = 4 * 500 + 499


@pytest.fixture
def clock() -> FakeClock:
    """Stripe and we mean the same by a span of time."""
    return FakeClock(datetime.now(UTC))


async def examined(till: Till, *, since: datetime | None = None) -> MoneyReport:
    run = till.runtime
    return await examine_money(db=run.db, gateway=run.gateway, clock=run.clock, since=since, wait_s=0)


async def gaps(till: Till) -> list[tuple[str, str]]:
    report = await examined(till)
    assert report.comparison is not None
    return [(str(pair.gap), pair.stripe_id) for pair in report.comparison.gaps]


async def run(till: Till, statement: str) -> None:
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.text(statement))


async def a_paid_order(till: Till, card: str = "pm_card_visa") -> Order:
    order = await till.places(await till.a_shopper(card), TOTAL)
    await till.work()
    return order


async def test_stripe_the_ledger_and_the_orders_agree_to_the_cent(till: Till) -> None:
    await a_paid_order(till)
    await till.refunds(await a_paid_order(till), amount_cents=300)
    await a_paid_order(till, "pm_card_createDispute")
    await till.ask("POST", "hurry")
    for event in await till.events("charge.dispute.created"):
        await till.hears(event)
    await till.work()

    report = await examined(till)

    assert report.well
    assert report.as_json()["cents"] == {
        "charged": dict.fromkeys(("stripe", "ledger", "orders"), 3 * TOTAL),
        "refunded": dict.fromkeys(("stripe", "ledger", "orders"), 300),
        "disputed": dict.fromkeys(("stripe", "ledger", "orders"), TOTAL),
        "kept": dict.fromkeys(("stripe", "ledger", "orders"), 2 * TOTAL - 300),
    }


async def test_what_stripe_took_and_we_never_heard_of_is_named(till: Till) -> None:
    await till.places(await till.a_shopper(), TOTAL)
    await till.fault("/confirm$", "drop_after_commit")
    await till.work()

    assert await gaps(till) == [("unbooked", (await till.stripe_ids())[0])]


async def test_a_refund_made_in_the_dashboard_is_named_until_it_is_in_the_books(till: Till) -> None:
    await a_paid_order(till)
    made = await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=100)

    assert await gaps(till) == [("unbooked", made["id"])]

    for event in await till.events("refund.created"):
        await till.hears(event)
    await till.work()
    assert await gaps(till) == []


async def test_a_payment_that_only_our_books_have_is_named(till: Till) -> None:
    await a_paid_order(till)
    await run(till, "UPDATE payment_intent SET stripe_id = 'pi_nowhere'")

    assert ("unmade", "pi_nowhere") in await gaps(till)


async def test_a_refund_that_only_our_books_have_is_named(till: Till) -> None:
    await till.refunds(await a_paid_order(till), amount_cents=100)
    await till.work()
    await run(till, "UPDATE refund SET stripe_id = 're_nowhere'")
    await run(till, "UPDATE ledger_entry SET stripe_id = 're_nowhere' WHERE kind = 'refund'")

    assert ("unmade", "re_nowhere") in await gaps(till)


async def test_an_amount_that_differs_by_a_cent_is_named(till: Till) -> None:
    await a_paid_order(till)
    await run(till, "UPDATE ledger_entry SET amount_cents = amount_cents - 1")

    assert await gaps(till) == [("amount", (await till.stripe_ids())[0])]


async def test_a_second_charge_of_the_same_order_is_named(till: Till) -> None:
    order = await a_paid_order(till)
    second = await till.stripe(
        "/v1/payment_intents",
        amount=TOTAL,
        currency="usd",
        payment_method="pm_card_visa",
        confirm="true",
        **{"metadata[order_id]": order.id, "payment_method_types[]": "card"},
    )

    report = await examined(till)

    assert await gaps(till) == [("double", second["id"])]
    assert report.sums["charged"].stripe == 2 * report.sums["charged"].ledger == 2 * TOTAL


async def test_what_is_not_of_this_shop_is_counted_and_left_alone(till: Till) -> None:
    await a_paid_order(till)
    await till.stripe("/v1/payment_intents", amount=500, currency="usd")

    report = await examined(till)

    assert report.well
    assert report.comparison is not None
    assert report.comparison.foreign == 1


async def test_a_look_since_an_instant_leaves_out_what_is_older(till: Till) -> None:
    await a_paid_order(till)

    report = await examined(till, since=till.runtime.clock.now() + timedelta(hours=1))

    assert report.well
    assert report.sums["charged"].stripe == 0


async def test_nothing_is_said_about_a_stripe_that_does_not_answer(till: Till) -> None:
    await a_paid_order(till)
    await till.fault("/v1/payment_intents$", "drop_before", times=5)

    report = await examined(till)

    assert not report.well
    assert report.as_json()["stripe_answered"] is False
