import asyncio

import pytest
import sqlalchemy as sa

from kalecart.errors import Invalid, KaleCartError
from kalecart.ids import RefundId, new_id
from kalecart.orders.order import OrderStatus
from kalecart.payments.refund import NothingToRefund, RefundIdTaken, RefundReason, TooMuch
from kalecart.payments.tables import refund
from kalecart.tasks import task
from tests.till import Till

TOTAL = 4 * 500 + 499


async def test_two_members_of_staff_refund_the_same_order_at_once_and_no_more_than_was_captured_goes_back(
    till: Till,
) -> None:
    """E34."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()

    asked = await asyncio.gather(*(till.refunds(order, amount_cents=1_500) for _ in range(4)), return_exceptions=True)
    await till.work_until_quiet()

    assert sorted(type(answer).__name__ for answer in asked) == ["NoneType", "TooMuch", "TooMuch", "TooMuch"]
    assert [answer.members["remaining_cents"] for answer in asked if isinstance(answer, TooMuch)] == [TOTAL - 1_500] * 3
    assert await till.kept() == (TOTAL - 1_500, TOTAL - 1_500)


async def test_the_same_refund_asked_twice_is_one_refund(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    refund_id = RefundId(new_id())

    await asyncio.gather(*(till.refunds(order, refund_id=refund_id, amount_cents=700) for _ in range(3)))
    await till.work_until_quiet()

    assert await till.ledger() == [TOTAL, -700]


async def test_more_than_remains_is_refused_with_what_remains(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.refunds(order, amount_cents=TOTAL - 100)

    with pytest.raises(TooMuch) as refused:
        await till.refunds(order, amount_cents=101)
    await till.refunds(order)
    with pytest.raises(NothingToRefund):
        await till.refunds(order, amount_cents=1)

    assert refused.value.members == {"remaining_cents": 100}
    await till.work_until_quiet()
    assert await till.kept() == (0, 0)


@pytest.mark.parametrize("cents", [0, -1])
async def test_nothing_and_less_than_nothing_cannot_be_refunded(till: Till, cents: int) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()

    with pytest.raises(TooMuch):
        await till.refunds(order, amount_cents=cents)


async def test_an_unpaid_order_has_nothing_to_refund(till: Till) -> None:
    order = await till.places(await till.a_shopper("pm_card_chargeCustomerFail"), TOTAL)
    await till.work()

    with pytest.raises(NothingToRefund):
        await till.refunds(order)


async def test_an_item_missing_at_picking_is_refunded_by_its_line(till: Till) -> None:
    """E38."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()

    await till.refunds(order, reason=RefundReason.MISSING, lines={"kale": 1})
    with pytest.raises(Invalid) as refused:
        await till.refunds(order, reason=RefundReason.MISSING, lines={"kale": 4, "rocket": 1})
    await till.refunds(order, reason=RefundReason.MISSING, lines={"kale": 3})
    await till.work_until_quiet()

    assert set(refused.value.problems) == {"/lines/kale", "/lines/rocket"}
    assert await till.ledger() == [TOTAL, -500, -1_500]
    assert await till.status(order) is OrderStatus.PAID


@pytest.mark.parametrize(
    "kind",
    [
        "error_500_before",
        "error_500_after_commit",
        "drop_before",
        "drop_after_commit",
        "rate_limit_429",
        "conflict_409",
    ],
)
async def test_a_refund_call_that_times_out_is_reconciled_and_not_repeated(till: Till, kind: str) -> None:
    """E35."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.fault("/v1/refunds$", kind, method="POST", times=2)

    await till.refunds(order, amount_cents=900)
    await till.work_until_quiet()

    assert await till.kept() == (TOTAL - 900, TOTAL - 900)
    assert set((await till.tasks()).values()) == {"done"}


async def test_a_refund_begun_anew_after_stripe_forgot_its_key_is_not_made_twice(till: Till) -> None:
    """Nobody could write down that the call was not answered, and staff tried the task again the week after."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.fault("/v1/refunds$", "drop_after_commit", method="POST")
    await till.refunds(order, amount_cents=900)
    await till.work()
    async with till.runtime.db.transaction() as tx:
        await tx.execute(sa.update(refund).values(state="open", server_errors=1))
        await tx.execute(sa.update(task).where(task.c.topic == "send_refund").values(attempts=0))

    await till.work_until_quiet()

    assert await till.kept() == (TOTAL - 900, TOTAL - 900)


async def test_a_refund_that_the_bank_sends_back_later_is_told_to_staff(till: Till) -> None:
    order = await till.places(await till.a_shopper("pm_card_refundFail"), TOTAL)
    await till.work()
    await till.refunds(order, amount_cents=900)
    await till.work_until_quiet()
    before = sum(await till.ledger())

    await till.ask("POST", "hurry")
    for event in await till.events("refund.failed"):
        await till.hears(event)
    await till.work_until_quiet()

    assert before == TOTAL - 900
    assert await till.kept() == (TOTAL, TOTAL)
    assert "refund_failed" in await till.alerts()
    await till.refunds(order, amount_cents=TOTAL)


async def test_a_refund_made_in_the_dashboard_appears(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    made = await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=300)

    for event in await till.events("refund.created"):
        assert event["data"]["object"]["id"] == made["id"]
        await till.hears(event)
        await till.hears(event)
    await till.work_until_quiet()

    assert await till.ledger() == [TOTAL, -300]
    assert await till.told(order) == ["placed", "paid", "refunded"]


async def test_an_event_about_a_refund_comes_before_our_own_answer_and_counts_once(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.fault("/v1/refunds$", "drop_after_commit", method="POST")
    await till.refunds(order, amount_cents=400)
    await till.work()

    for event in await till.events("refund.created"):
        await till.hears(event)
    await till.work_until_quiet()

    assert await till.ledger() == [TOTAL, -400]


async def test_a_refund_that_stripe_will_not_make_is_not_taken_for_another_that_waits(till: Till) -> None:
    """Found by the payment machine: neither of them has an id of Stripe's."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=TOTAL)

    await till.refunds(order, amount_cents=500)
    await till.refunds(order, amount_cents=600)
    await till.work_until_quiet()

    assert set((await till.tasks()).values()) == {"done"}
    assert (await till.alerts()).count("refund_failed") == 2


async def test_a_refund_that_stripe_will_not_make_fails_and_is_told(till: Till) -> None:
    """Somebody was faster in the dashboard: Stripe refuses, and nothing is written that did not happen."""
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    await till.stripe("/v1/refunds", payment_intent=(await till.stripe_ids())[0], amount=TOTAL)

    await till.refunds(order, amount_cents=500)
    await till.work_until_quiet()
    for event in await till.events("refund.created"):
        await till.hears(event)
    await till.work_until_quiet()

    assert await till.kept() == (0, 0)
    assert "refund_failed" in await till.alerts()
    with pytest.raises(KaleCartError):
        await till.refunds(order, amount_cents=1)


async def test_the_id_of_a_refund_of_another_order_is_refused(till: Till) -> None:
    orders = [await till.places(await till.a_shopper(), TOTAL) for _ in range(2)]
    await till.work()
    refund_id = RefundId(new_id())
    await till.refunds(orders[0], refund_id=refund_id)

    with pytest.raises(RefundIdTaken):
        await till.refunds(orders[1], refund_id=refund_id)


async def test_the_id_of_a_refund_asked_with_other_content_is_refused_with_what_is_on_record(till: Till) -> None:
    order = await till.places(await till.a_shopper(), TOTAL)
    await till.work()
    part, whole = RefundId(new_id()), RefundId(new_id())
    await till.refunds(order, refund_id=part, amount_cents=300)
    await till.refunds(order, refund_id=whole)

    for refund_id, other in ((part, {"amount_cents": 301}), (part, {}), (whole, {"amount_cents": TOTAL - 300})):
        with pytest.raises(RefundIdTaken) as refused:
            await till.refunds(order, refund_id=refund_id, **other)
        recorded = refused.value.members["on_record"]
        assert recorded["amount_cents"] == (300 if refund_id == part else TOTAL - 300)
    await till.refunds(order, refund_id=part, amount_cents=300)
    await till.refunds(order, refund_id=whole)
    await till.work_until_quiet()

    assert await till.kept() == (0, 0)
