"""How far an order is, in the words of its page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId, RefundId, new_id
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderEventView, OrderView
from kalecart.payments.dispute import CLOSED
from kalecart.payments.reads import AttemptView, PaymentView
from kalecart.payments.reads_money import DisputeView, OrderMoney, RefundLineView, RefundView
from kalecart.payments.refund import RefundReason, RefundState, Returnable
from web.pages.order_progress import Live, live_of
from web.pages.order_words import contested, told

PLACED_AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NOW = PLACED_AT + timedelta(minutes=1)
WAITING = PaymentView(state="confirming", decline_code=None, stripe_id=None)
UNPAID = timedelta(hours=24)
NOTHING_MOVED = OrderMoney(returnable=Returnable(charged_cents=0, refunded_cents=0, disputed_cents=0))


def live(order: OrderView, payment: PaymentView, money: OrderMoney = NOTHING_MOVED, *, now: datetime = NOW) -> Live:
    return live_of(order, payment, money, now=now, unpaid=UNPAID)


def event(kind: str, **detail: object) -> OrderEventView:
    return OrderEventView(kind=kind, detail=detail, at=PLACED_AT)


def a_refund(state: RefundState = RefundState.SUCCEEDED, **but: object) -> RefundView:
    given = {
        "id": RefundId(new_id()),
        "amount_cents": 700,
        "reason": RefundReason.MISSING,
        "asked_by": "staff",
        "state": state,
        "failure_code": None,
        "stripe_id": "re_1",
        "asked_at": PLACED_AT,
        "ended_at": None,
    }
    return RefundView(**(given | but))  # ty: ignore[invalid-argument-type]


def a_dispute(status: str) -> DisputeView:
    return DisputeView(
        stripe_id="du_1",
        amount_cents=2_499,
        status=status,
        reason="fraudulent",
        evidence_due_at=None,
        opened_at=PLACED_AT,
        closed_at=None,
    )


def an_order(status: OrderStatus = OrderStatus.PLACED, *events: OrderEventView) -> OrderView:
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
        goes_ahead=False,
        window_starts_at=PLACED_AT + timedelta(hours=4),
        window_ends_at=PLACED_AT + timedelta(hours=6),
        cutoff_at=PLACED_AT + timedelta(hours=1),
        lines=(),
        events=(event("placed"), *events),
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
        (OrderStatus.PLACED, replace(WAITING, state="held"), "held", True),
        (OrderStatus.PAID, replace(WAITING, state="held"), "paid", False),
        (OrderStatus.PLACED, replace(WAITING, state="processing"), "processing", True),
        (OrderStatus.PLACED, replace(WAITING, state="action_needed"), "action_needed", True),
        (OrderStatus.PLACED, declined_once(), "declined", True),
        (OrderStatus.PLACED, declined_once("confirming"), "confirming", True),
        (OrderStatus.PAID, replace(WAITING, state="paid"), "paid", False),
        (OrderStatus.PICKING, replace(WAITING, state="paid"), "picking", False),
        (OrderStatus.FULFILLED, replace(WAITING, state="paid"), "delivered", False),
        (OrderStatus.CANCELLED, replace(WAITING, state="canceled"), "cancelled", False),
        (OrderStatus.CANCELLED, replace(WAITING, stripe_id="pi_1"), "cancelled", True),
    ],
)
def test_the_page_says_one_thing_for_each_state(
    status: OrderStatus, payment: PaymentView, state: str, still_open: bool
) -> None:
    seen = live(an_order(status), payment)

    assert (seen.state, seen.open) == (state, still_open)
    assert seen.steps[0].title == "Placed"


def test_a_decline_is_told_in_plain_words_and_stays_on_the_timeline() -> None:
    seen = live(an_order(OrderStatus.PLACED, event("declined", code="insufficient_funds")), declined_once())

    assert seen.words == "There was not enough money on the card."
    assert [step.title for step in seen.steps][1:3] == ["Payment declined", "Waiting for another card"]
    assert not seen.fresh


def test_the_page_greets_only_while_the_order_is_new() -> None:
    assert live(an_order(), WAITING).fresh
    assert not live(an_order(), WAITING, now=NOW + timedelta(days=1)).fresh


def test_who_waits_for_the_customer_is_told_until_when_and_nobody_else_is() -> None:
    order = an_order()

    assert live(order, declined_once()).until == order.cutoff_at
    far = replace(order, cutoff_at=PLACED_AT + timedelta(days=5))
    assert live(far, declined_once()).until == PLACED_AT + UNPAID
    assert live(order, WAITING).until is None


def test_every_kind_of_event_that_the_shop_writes_has_words() -> None:
    """As far as they are written as constants: whoever tells something new says here how people read it."""
    kinds = {
        *("placed", "declined", "action_needed", "processing", "another_card", "canceled", "paid", "picking"),
        *("fulfilled", "cancelled", "refund_asked", "refunded", "refund_failed", "disputed"),
        *(f"dispute_{status}" for status in CLOSED),
    }

    assert [kind for kind in kinds if told(event(kind)) is None] == []
    assert told(event("something_of_tomorrow")) is None


def test_a_refund_is_told_with_its_reason_its_lines_and_how_it_stands() -> None:
    line = RefundLineView(sku="kale", name="Kale", quantity=2, amount_cents=700)
    money = replace(NOTHING_MOVED, refunds=(a_refund(lines=(line,)), a_refund(RefundState.FAILED)))

    sent, failed = live(an_order(OrderStatus.PAID), replace(WAITING, state="paid"), money).refunds

    assert (sent.reason, sent.pieces) == ("something you ordered was missing", (("2 × Kale", 700),))
    assert "Banks take 5 to 10 days" in sent.state
    assert failed.failed
    assert "We will contact you" in failed.state


@pytest.mark.parametrize("state", RefundState)
def test_a_page_listens_for_as_long_as_a_refund_is_being_sent(state: RefundState) -> None:
    money = replace(NOTHING_MOVED, refunds=(a_refund(state),))

    seen = live(an_order(OrderStatus.PAID), replace(WAITING, state="paid"), money)

    assert seen.open == (state in {RefundState.OPEN, RefundState.UNKNOWN})


def test_a_refund_that_staff_hold_back_says_so_on_the_page_that_waits_for_it() -> None:
    money = replace(NOTHING_MOVED, refunds=(a_refund(RefundState.OPEN),))
    order, payment = an_order(OrderStatus.PAID), replace(WAITING, state="paid")

    def held(*paused: str) -> bool:
        return live_of(order, payment, money, now=NOW, unpaid=UNPAID, paused=paused).back_held

    assert held("send_refund")
    assert not held("charge_order")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("needs_response", "holds the money"),
        ("won", "the charge was right"),
        ("lost", "Nothing more will be charged"),
        ("warning_needs_response", "No money has moved"),
        ("warning_closed", "no more questions"),
    ],
)
def test_a_dispute_is_told_in_the_customers_words(status: str, words: str) -> None:
    assert words in contested(a_dispute(status))
