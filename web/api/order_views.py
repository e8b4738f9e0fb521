"""Orders as programs read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderSummary
from kalecart.orders.reads import OrderView as AgreedOrder
from kalecart.payments.reads import PaymentView as OrderPayment
from kalecart.payments.reads_money import OrderMoney
from kalecart.windows.window import label
from web.api.shapes import View


class PlacedView(View):
    """The same for every repetition of the request, so nothing in it changes later."""

    id: UUID
    number: Annotated[str, Field(description="What to tell us when you call.")]
    total_cents: int
    placed_at: datetime


class SummaryView(View):
    id: UUID
    number: str
    status: OrderStatus
    total_cents: int
    placed_at: datetime
    units: int


class OrdersView(View):
    orders: list[SummaryView]
    next_cursor: Annotated[datetime | None, Field(description="Send it as `cursor` for the page after this.")]


class OrderLineView(View):
    sku: str
    name: str
    quantity: int
    unit_price_cents: int
    amount_cents: int
    tax_category: str


class OrderEventView(View):
    kind: str
    detail: dict[str, Any]
    at: datetime


class OrderWindowView(View):
    starts_at: datetime
    ends_at: datetime
    label: Annotated[str, Field(description="The hours in the shop's zone.")]


class PaymentView(View):
    state: Annotated[
        str,
        Field(
            description="confirming, held (by the shop, for a moment), action_needed (a browser confirms at "
            "/orders/{order_id}/confirm), processing, declined, paid or canceled"
        ),
    ]
    decline_code: str | None
    decline_words: Annotated[str | None, Field(description="Why, in words for the shopper.")]
    can_pay_again: Annotated[bool, Field(description="Whether another card may be sent to `payment`.")]


class RefundLineView(View):
    sku: str
    name: str
    quantity: int
    amount_cents: int


class RefundView(View):
    id: UUID
    amount_cents: int
    reason: Annotated[
        str, Field(description="cancelled, missing, quality, goodwill, paid_after_cancelling or dashboard")
    ]
    state: Annotated[
        str, Field(description="open, unknown, pending, succeeded or failed; the first two are being sent")
    ]
    asked_at: datetime
    ended_at: datetime | None
    lines: Annotated[list[RefundLineView], Field(description="What it is for, where it is for something.")]


class DisputeView(View):
    """A charge its customer contests at their bank."""

    amount_cents: int
    status: Annotated[str, Field(description="In Stripe's words.")]
    opened_at: datetime
    closed_at: datetime | None


class OrderView(View):
    id: UUID
    number: str
    status: OrderStatus
    goods_cents: int
    delivery_cents: int
    tax_cents: int
    total_cents: int
    placed_at: datetime
    paid_at: datetime | None
    window: OrderWindowView
    lines: list[OrderLineView]
    events: list[OrderEventView]
    payment: PaymentView
    refunds: list[RefundView]
    disputes: list[DisputeView]


class AttemptView(View):
    number: int
    kind: Annotated[str, Field(description="card or bank")]
    brand: str | None
    funding: str | None
    state: str
    decline_code: str | None
    sent_at: datetime
    ended_at: datetime | None


class LedgerView(View):
    """Money that moved; cents are negative where they left."""

    kind: Annotated[str, Field(description="charge, refund, refund_back, dispute or dispute_back")]
    amount_cents: int
    stripe_id: str
    at: datetime


class StaffRefundView(RefundView):
    asked_by: Annotated[str, Field(description="customer, staff, shop, or stripe for its dashboard")]
    stripe_id: str | None
    failure_code: str | None


class StaffDisputeView(DisputeView):
    stripe_id: str
    reason: str
    evidence_due_at: datetime | None


class StaffOrderView(OrderView):
    """Ids where people would be: whose they are is shown on the console, and that is recorded."""

    customer_id: UUID
    address_id: UUID
    payment_method_id: UUID
    stripe_id: Annotated[str | None, Field(description="The payment at Stripe.")]
    attempts: list[AttemptView]
    refunds: list[StaffRefundView]  # ty: ignore[incompatible-attribute-override]  # frozen: nothing puts others in
    disputes: list[StaffDisputeView]  # ty: ignore[incompatible-attribute-override]
    ledger: list[LedgerView]
    remaining_cents: Annotated[int, Field(description="What of its money can still go back.")]


def orders_view(found: Sequence[OrderSummary], limit: int) -> OrdersView:
    """A page of a list that was read one longer than the page, to know whether there is more."""
    page = [SummaryView.model_validate(order) for order in found[:limit]]
    return OrdersView(orders=page, next_cursor=page[-1].placed_at if len(found) > limit else None)


def order_view(order: AgreedOrder, payment: OrderPayment, money: OrderMoney) -> OrderView:
    return OrderView(
        **_facts(order, payment),
        refunds=[RefundView.model_validate(refund) for refund in money.refunds],
        disputes=[DisputeView.model_validate(dispute) for dispute in money.disputes],
    )


def staff_order_view(order: AgreedOrder, payment: OrderPayment, money: OrderMoney) -> StaffOrderView:
    return StaffOrderView(
        **_facts(order, payment),
        refunds=[StaffRefundView.model_validate(refund) for refund in money.refunds],
        disputes=[StaffDisputeView.model_validate(dispute) for dispute in money.disputes],
        ledger=[LedgerView.model_validate(entry) for entry in money.ledger],
        remaining_cents=money.remaining_cents,
        customer_id=order.customer_id,
        address_id=order.address_id,
        payment_method_id=order.payment_method_id,
        stripe_id=payment.stripe_id,
        attempts=[AttemptView.model_validate(attempt) for attempt in payment.attempts],
    )


def _facts(order: AgreedOrder, payment: OrderPayment) -> dict[str, Any]:
    starts_at, ends_at = order.window_starts_at, order.window_ends_at
    amounts = ("goods_cents", "delivery_cents", "tax_cents", "total_cents")
    return {
        **{name: getattr(order, name) for name in ("id", "number", "status", "placed_at", "paid_at", *amounts)},
        "window": OrderWindowView(starts_at=starts_at, ends_at=ends_at, label=label(starts_at, ends_at)),
        "lines": [OrderLineView.model_validate(line) for line in order.lines],
        "events": [OrderEventView.model_validate(event) for event in order.events],
        "payment": PaymentView.model_validate(payment),
    }
