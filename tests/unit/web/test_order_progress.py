"""How far an order is, in the words of its page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId, new_id
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderView
from kalecart.payments.reads import AttemptView, PaymentView
from web.pages.order_progress import live_of

PLACED_AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NOW = PLACED_AT + timedelta(minutes=1)
WAITING = PaymentView(state="confirming", decline_code=None, stripe_id=None)


def an_order(status: OrderStatus = OrderStatus.PLACED) -> OrderView:
    return OrderView(
        id=OrderId(new_id()),
        number="K7Q2M-9XRT",
        customer_id=CustomerId(new_id()),
        status=status,
        address_id=AddressId(new_id()),
        payment_method_id=PaymentMethodId(new_id()),
        goods_cents=2_000,
        delivery_cents=499,
        tax_cents=0,
        total_cents=2_499,
        placed_at=PLACED_AT,
        paid_at=PLACED_AT if status in {OrderStatus.PAID, OrderStatus.FULFILLED} else None,
        window_starts_at=PLACED_AT + timedelta(hours=4),
        window_ends_at=PLACED_AT + timedelta(hours=6),
        lines=(),
        events=(),
    )


def declined_once(state: str = "declined") -> PaymentView:
    attempt = AttemptView(
        number=1,
        brand="visa",
        funding="credit",
        state="declined",
        decline_code="insufficient_funds",
        sent_at=PLACED_AT,
        ended_at=PLACED_AT,
    )
    return replace(WAITING, state=state, attempts=(attempt,), decline_code="insufficient_funds")


@pytest.mark.parametrize(
    ("status", "payment", "state", "still_open"),
    [
        (OrderStatus.PLACED, WAITING, "confirming", True),
        (OrderStatus.PLACED, replace(WAITING, state="processing"), "confirming", True),
        (OrderStatus.PLACED, replace(WAITING, state="held"), "held", True),
        (OrderStatus.PAID, replace(WAITING, state="held"), "paid", False),
        (OrderStatus.PLACED, declined_once(), "declined", True),
        (OrderStatus.PLACED, declined_once("confirming"), "confirming", True),
        (OrderStatus.PAID, replace(WAITING, state="paid"), "paid", False),
        (OrderStatus.FULFILLED, replace(WAITING, state="paid"), "paid", False),
        (OrderStatus.CANCELLED, declined_once(), "cancelled", False),
    ],
)
def test_the_page_says_one_thing_for_each_state(
    status: OrderStatus, payment: PaymentView, state: str, still_open: bool
) -> None:
    live = live_of(an_order(status), payment, now=NOW)

    assert (live.state, live.open) == (state, still_open)
    assert live.steps[0].title == "Placed"


def test_a_decline_is_told_in_plain_words_and_stays_on_the_timeline() -> None:
    live = live_of(an_order(), declined_once(), now=NOW)

    assert live.words == "There was not enough money on the card."
    assert [step.title for step in live.steps][1:3] == ["Card declined", "Waiting for another card"]
    assert not live.fresh


def test_the_page_greets_only_while_the_order_is_new() -> None:
    assert live_of(an_order(), WAITING, now=NOW).fresh
    assert not live_of(an_order(), WAITING, now=NOW + timedelta(days=1)).fresh
