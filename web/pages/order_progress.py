"""How far an order is, in steps a shopper understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from kalecart.clock import SHOP_ZONE
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderView
from kalecart.payments.reads import PaymentView
from kalecart.windows.window import label

State = Literal["confirming", "held", "declined", "paid", "cancelled"]
Look = Literal["done", "now", "bad", ""]

# For so long after placing it a page greets; later it only reports.
FRESH: Final = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the timeline. `at` is when it happened, `note` what to expect."""

    look: Look
    title: str
    at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Live:
    """The part of an order's page that changes while one looks. `open` says that it still may."""

    state: State
    open: bool
    fresh: bool
    words: str
    steps: Sequence[Step]


def live_of(order: OrderView, payment: PaymentView, *, now: datetime) -> Live:
    state = _state(order, payment)
    return Live(
        state=state,
        open=order.status is OrderStatus.PLACED,
        fresh=now - order.placed_at < FRESH and state in {"confirming", "held", "paid"},
        words=payment.decline_words or "",
        steps=[Step(look="done", title="Placed", at=order.placed_at), *_payment(order, payment, state), *_rest(order)],
    )


def _state(order: OrderView, payment: PaymentView) -> State:
    """The order decides; the payment says more only while the order waits for it."""
    if order.status is OrderStatus.CANCELLED:
        return "cancelled"
    if order.status is not OrderStatus.PLACED:
        return "paid"
    if payment.state == "held":
        return "held"
    return "declined" if payment.can_pay_again else "confirming"


def _payment(order: OrderView, payment: PaymentView, state: State) -> Sequence[Step]:
    declined = [
        Step(look="bad", title="Card declined", at=attempt.ended_at or attempt.sent_at)
        for attempt in payment.attempts
        if attempt.state == "declined"
    ]
    match state:
        case "paid":
            return [*declined, Step(look="done", title="Paid", at=order.paid_at)]
        case "declined":
            return [*declined, Step(look="now", title="Waiting for another card")]
        case "cancelled":
            return [*declined, Step(look="bad", title="Cancelled")]
        case "held":
            return [*declined, Step(look="now", title="Payment held for a moment", note="Nothing is charged meanwhile")]
        case _:
            return [*declined, Step(look="now", title="Confirming the payment", note="Usually a few seconds")]


def _rest(order: OrderView) -> Sequence[Step]:
    if order.status is OrderStatus.CANCELLED:
        return []
    start = order.window_starts_at.astimezone(SHOP_ZONE)
    when = f"{start:%A, %B} {start.day}, {label(order.window_starts_at, order.window_ends_at)}"
    look: Look = "done" if order.status is OrderStatus.FULFILLED else ""
    return [Step(look=look, title="Delivered to your door", note=when)]
