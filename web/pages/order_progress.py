"""How far an order is, in steps a shopper understands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from kalecart.clock import SHOP_ZONE
from kalecart.jobs import SendRefund, SettleCancellation
from kalecart.orders.order import OrderStatus, kept_until
from kalecart.orders.reads import OrderView
from kalecart.payments.reads import PaymentView
from kalecart.payments.reads_money import OrderMoney
from kalecart.windows.window import label
from web.order_streams import SENDING, OrderState
from web.pages.order_words import MoneyBack, Step, contested, money_back, told

State = Literal[
    "confirming", "held", "action_needed", "processing", "declined", "paid", "picking", "delivered", "cancelled"
]

# For so long after placing it a page greets; later it only reports.
FRESH: Final = timedelta(hours=2)
_GREETED: Final = frozenset({"confirming", "held", "processing", "paid"})
# Where the page comes back by itself: the next step is ours or a bank's, and soon.
_SOON: Final = frozenset({"confirming", "held", "cancelled"})
_AFTER_PLACED: Final[dict[OrderStatus, State]] = {
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.PICKING: "picking",
    OrderStatus.FULFILLED: "delivered",
}
_WAITS: Final[dict[str, State]] = {
    "held": "held",
    "action_needed": "action_needed",
    "processing": "processing",
    "declined": "declined",
}
_NOW: Final[dict[State, Step]] = {
    "confirming": Step(look="now", title="Confirming the payment", note="Usually a few seconds"),
    "held": Step(look="now", title="Payment held for a moment", note="Nothing is charged meanwhile"),
    "action_needed": Step(look="now", title="Waiting for your confirmation", note="At your bank"),
    "processing": Step(look="now", title="Your bank is moving the money", note="Up to 4 business days"),
    "declined": Step(look="now", title="Waiting for another card"),
}


@dataclass(frozen=True, kw_only=True)
class Live:
    """The part of an order's page that changes while one looks. `open` says that it still may.

    `until` is when an order that waits for its customer is given up; `cancelled_by` is customer, staff or shop.
    `back_held` says that staff hold back what would send its money back.
    """

    state: State
    open: bool
    soon: bool
    fresh: bool
    words: str
    steps: Sequence[Step]
    until: datetime | None
    cancelled_by: str
    paid_cents: int
    owed_cents: int
    refunds: Sequence[MoneyBack]
    back_held: bool
    disputes: Sequence[str]


def live_of(
    order: OrderView,
    payment: PaymentView,
    money: OrderMoney,
    *,
    now: datetime,
    unpaid: timedelta,
    paused: Collection[str] = (),
) -> Live:
    """`unpaid` is how long an order waits for its customer, `paused` the topics that staff hold back."""
    state = _state(order, payment)
    is_open = not _seen(order, payment, money).final
    waits = state in {"action_needed", "declined"}
    owed_cents = money.remaining_cents if state == "cancelled" else 0
    sending = any(refund.state in SENDING for refund in money.refunds)
    return Live(
        state=state,
        open=is_open,
        soon=is_open and state in _SOON,
        fresh=now - order.placed_at < FRESH and state in _GREETED,
        words=payment.decline_words or "",
        steps=[*_past(order), *_next(order, state)],
        until=kept_until(order.placed_at, order.cutoff_at, unpaid=unpaid) if waits else None,
        cancelled_by=next((event.detail.get("by", "") for event in order.events if event.kind == "cancelled"), ""),
        paid_cents=money.returnable.charged_cents,
        owed_cents=owed_cents,
        back_held=(sending and SendRefund.topic in paused) or (owed_cents > 0 and SettleCancellation.topic in paused),
        refunds=[money_back(refund) for refund in money.refunds],
        disputes=[contested(dispute) for dispute in money.disputes],
    )


def _state(order: OrderView, payment: PaymentView) -> State:
    """The order decides; the payment says more only while the order waits for it."""
    if order.status in _AFTER_PLACED:
        return _AFTER_PLACED[order.status]
    if order.status is OrderStatus.PAID:
        return "paid"
    return _WAITS.get(payment.state, "confirming")


def _seen(order: OrderView, payment: PaymentView, money: OrderMoney) -> OrderState:
    """What a watcher of this order is told, so that a page listens for as long as there is something to hear."""
    states = " ".join(refund.state for refund in money.refunds)
    unbegun = payment.stripe_id is None and order.status is OrderStatus.CANCELLED
    return OrderState(status=order.status, payment="canceled" if unbegun else payment.state, refunds=states)


def _past(order: OrderView) -> Sequence[Step]:
    return [step for event in order.events if (step := told(event)) is not None]


def _next(order: OrderView, state: State) -> Sequence[Step]:
    """What goes on now, and what is still to come."""
    if state in {"cancelled", "delivered"}:
        return []
    start = order.window_starts_at.astimezone(SHOP_ZONE)
    when = f"{start:%A, %B} {start.day}, {label(order.window_starts_at, order.window_ends_at)}"
    now = [_NOW[state]] if state in _NOW else []
    return [*now, Step(look="", title="Delivered to your door", note=when)]
