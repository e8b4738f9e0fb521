"""3-D Secure: the bank wants to hear from its customer before it pays."""

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession

from kalecart.orders.order import Order, OrderStatus
from kalecart.payments.check_payment import check_payment
from kalecart.payments.pay_again import pay_again
from kalecart.payments.reads import paid_with
from tests.builders import Shopper
from tests.till import Till

TOTAL = 4 * 500 + 499
CARD = "pm_card_authenticationRequired"


async def waiting(till: Till) -> tuple[Shopper, Order]:
    shopper = await till.a_shopper(CARD)
    order = await till.places(shopper, TOTAL)
    await till.work()
    assert (await till.payment(order)).state == "action_needed"
    return shopper, order


async def at_the_bank(till: Till, order: Order, outcome: str) -> str:
    """What the customer does on the bank's page; where it sends them afterwards."""
    page = await till.runtime.gateway.bank_page(str((await till.payment(order)).stripe_id))
    assert page is not None
    given = dict(parse_qsl(urlsplit(page).query))
    async with (
        ClientSession() as session,
        session.post(
            till.stand_in.make_url("/v3/authenticate"), data={**given, "outcome": outcome}, allow_redirects=False
        ) as answer,
    ):
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"]


async def comes_back(till: Till, order: Order) -> None:
    run = till.runtime
    await check_payment(order.id, None, db=run.db, gateway=run.gateway, clock=run.clock)


async def test_the_return_page_and_the_webhook_arrive_together_and_the_order_completes_once(till: Till) -> None:
    """E25."""
    _, order = await waiting(till)

    back = await at_the_bank(till, order, "complete")
    [event] = await till.events("payment_intent.succeeded")
    await till.hears(event)
    await asyncio.gather(comes_back(till, order), till.work(), comes_back(till, order))

    assert back.startswith(f"http://shop.test/orders/{order.id}/return?")
    assert await till.status(order) is OrderStatus.PAID
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert (await till.told(order)).count("paid") == 1


async def test_a_confirmation_that_fails_is_a_decline_and_another_card_pays(till: Till) -> None:
    shopper, order = await waiting(till)
    await at_the_bank(till, order, "fail")
    await comes_back(till, order)
    declined = await till.payment(order)

    other = await till.saves(shopper.customer_id, "pm_card_visa")
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )
    await till.work()

    assert declined.state == "declined"
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_a_confirmation_that_fails_is_a_decline_after_another_card_was_declined_too(till: Till) -> None:
    """It has no charge of its own: the latest is the first card's."""
    shopper = await till.a_shopper("pm_card_chargeCustomerFail")
    order = await till.places(shopper, TOTAL)
    await till.work()
    other = await till.saves(shopper.customer_id, CARD)
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )
    await till.work()
    waits = (await till.payment(order)).state

    await at_the_bank(till, order, "fail")
    await comes_back(till, order)

    assert waits == "action_needed"
    assert [tried.state for tried in (await till.payment(order)).attempts] == ["declined", "declined"]
    assert (await till.payment(order)).state == "declined"


async def test_an_abandoned_confirmation_leaves_the_order_unpaid_until_another_card_pays(till: Till) -> None:
    shopper, order = await waiting(till)
    left = await till.runtime.gateway.bank_page(str((await till.payment(order)).stripe_id))

    other = await till.saves(shopper.customer_id, "pm_card_visa")
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )
    await till.work_until_quiet()
    for event in await till.events("payment_intent.requires_action"):
        await till.hears(event)
    await till.work_until_quiet()

    assert left is not None
    assert [tried.state for tried in (await till.payment(order)).attempts] == ["canceled", "succeeded"]
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
    assert await till.runtime.gateway.bank_page(str((await till.payment(order)).stripe_id)) is None


@pytest.mark.parametrize("begun", [False, True], ids=["before the other is tried", "while the other is tried"])
async def test_a_card_confirmed_after_another_was_chosen_is_the_one_that_paid(till: Till, begun: bool) -> None:
    shopper, order = await waiting(till)
    other = await till.saves(shopper.customer_id, "pm_card_mastercard")
    run = till.runtime
    await pay_again(
        order.id, other.id, customer_id=shopper.customer_id, db=run.db, clock=run.clock, dispatcher=run.dispatcher
    )
    if begun:
        await till.fault("/confirm$", "drop_before")
        await till.work()

    await at_the_bank(till, order, "complete")
    if not begun:
        await comes_back(till, order)
    await till.work_until_quiet(rounds=3)

    async with run.db.transaction() as tx:
        paid = await paid_with(tx, order.id, run.vault)
    assert paid is not None
    assert paid.id == shopper.card
    assert [tried.state for tried in (await till.payment(order)).attempts] == ["succeeded", "canceled"][: 1 + begun]
    assert await till.ledger() == await till.stripe_says() == [TOTAL]


async def test_an_order_cancelled_while_the_bank_waits_can_no_longer_be_confirmed(till: Till) -> None:
    _, order = await waiting(till)

    await till.cancels(order)
    await till.work_until_quiet()

    assert await till.stripe_says() == await till.ledger() == []
    assert await till.runtime.gateway.bank_page(str((await till.payment(order)).stripe_id)) is None
    assert set((await till.tasks()).values()) == {"done"}


@pytest.mark.parametrize("kind", ["drop_after_commit", "error_500_after_commit", "error_500_before"])
async def test_a_confirmation_asked_for_in_an_answer_that_was_lost_is_still_asked_for(till: Till, kind: str) -> None:
    await till.fault("/confirm$", kind)
    order = await till.places(await till.a_shopper(CARD), TOTAL)

    await till.work_until_quiet(rounds=3)

    assert (await till.payment(order)).state == "action_needed"
    await at_the_bank(till, order, "complete")
    await comes_back(till, order)
    assert await till.ledger() == await till.stripe_says() == [TOTAL]
