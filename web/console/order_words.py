"""An order's life in the words of the people who work for the shop."""

from collections.abc import Mapping, Sequence
from typing import Final

from kalecart.orders.reads import OrderView
from web.pages.order_words import Step, Telling, amount, told

_CANCELLED_BY: Final[Mapping[str, str]] = {
    "customer": "Cancelled by the customer",
    "staff": "Cancelled by staff",
    "shop": "Cancelled: not paid in time",
}
_INSTEAD: Final[Mapping[str, Telling]] = {
    "action_needed": lambda _: "The bank asks the customer to confirm",
    "processing": lambda _: "The bank began to move the money",
    "goes_ahead": lambda _: "Goes ahead while the bank moves the money",
    "another_card": lambda _: "The customer chose another method",
    "canceled": lambda _: "Payment called off at Stripe",
    "address_corrected": lambda _: "The customer corrected the address",
    "fulfilled": lambda _: "Delivered",
    "cancelled": lambda detail: _CANCELLED_BY.get(detail.get("by", ""), "Cancelled"),
    "refunded": lambda detail: f"{amount(detail)} refunded",
    "refund_failed": lambda detail: f"Refund of {amount(detail)} failed",
    "disputed": lambda detail: f"{amount(detail)} disputed by the customer",
    "dispute_won": lambda detail: f"Dispute of {amount(detail)} won",
    "dispute_lost": lambda detail: f"Dispute of {amount(detail)} lost",
    "dispute_warning_closed": lambda _: "The bank's inquiry ended",
    "dispute_prevented": lambda _: "The bank's inquiry ended",
}
# Where an order waits for its money, what for.
WAITS: Final[Mapping[str, str]] = {
    "confirming": "Payment open",
    "held": "Payments are held",
    "action_needed": "Waits for the customer",
    "processing": "Bank debit under way",
    "declined": "Declined",
}
LEDGER: Final[Mapping[str, str]] = {
    "charge": "Charge",
    "refund": "Refund",
    "refund_back": "Refund that came back",
    "dispute": "Taken by the bank",
    "dispute_back": "Given back by the bank",
}


def steps_of(order: OrderView) -> Sequence[Step]:
    return [step for event in order.events if (step := told(event, _INSTEAD)) is not None]
