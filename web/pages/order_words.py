"""What happened to an order, its money and its disputes, in the words of its page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from kalecart.money import dollars
from kalecart.orders.reads import OrderEventView
from kalecart.orders.undelivered import WhyUndelivered
from kalecart.payments.reads_money import DisputeView, RefundView
from kalecart.payments.refund import WHY, RefundState

Look = Literal["done", "now", "bad", ""]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the timeline. `at` is when it happened, `note` what to expect."""

    look: Look
    title: str
    at: datetime | None = None
    note: str | None = None


Detail = Mapping[str, Any]
Telling = Callable[[Detail], str]
_CANCELLED_BY: Final[Mapping[str, str]] = {
    "customer": "Cancelled by you",
    "staff": "Cancelled by the shop",
    "shop": "Cancelled: it was not paid in time",
}


def amount(detail: Detail) -> str:
    """Of the money an event is about."""
    return dollars(int(detail.get("amount_cents", 0)))


def _asked(detail: Detail) -> str:
    """The reason as it was written; one that is not known any more says nothing."""
    why = WHY.get(detail.get("reason", ""))
    return f"Refund of {amount(detail)}" + (f": {why}" if why else "")


UNDELIVERED: Final[Mapping[str, str]] = {
    WhyUndelivered.NOBODY_HOME: "nobody was home",
    WhyUndelivered.WRONG_ADDRESS: "the address was not right",
    WhyUndelivered.PHONE_UNANSWERED: "nobody answered the phone",
}


def _undelivered(detail: Detail) -> str:
    why = UNDELIVERED.get(detail.get("reason", ""))
    return "We could not deliver" + (f": {why}" if why else "")


# Of each kind of event how it looks and what it is called.
_TOLD: Final[Mapping[str, tuple[Look, Telling]]] = {
    "placed": ("done", lambda _: "Placed"),
    "declined": ("bad", lambda _: "Payment declined"),
    "action_needed": ("done", lambda _: "Your bank asked for your confirmation"),
    "processing": ("done", lambda _: "Your bank began to move the money"),
    "goes_ahead": ("done", lambda _: "Goes ahead while your bank moves the money"),
    "another_card": ("done", lambda _: "Another payment method chosen"),
    "canceled": ("bad", lambda _: "Payment called off"),
    "paid": ("done", lambda _: "Paid"),
    "address_corrected": ("done", lambda _: "Comes to the address you corrected"),
    "picking": ("done", lambda _: "Picking began"),
    "undelivered": ("bad", _undelivered),
    "fulfilled": ("done", lambda _: "Delivered to your door"),
    "cancelled": ("bad", lambda detail: _CANCELLED_BY.get(detail.get("by", ""), "Cancelled")),
    "refund_asked": ("done", _asked),
    "refunded": ("done", lambda detail: f"{amount(detail)} sent back to you"),
    "refund_failed": ("bad", lambda detail: f"Your bank did not take {amount(detail)} back"),
    "disputed": ("bad", lambda detail: f"You asked your bank about {amount(detail)}"),
    "dispute_won": ("done", lambda _: "Your bank decided that the charge was right"),
    "dispute_lost": ("done", lambda detail: f"Your bank gave you {amount(detail)} back"),
    "dispute_warning_closed": ("done", lambda _: "Your bank has no more questions"),
    "dispute_prevented": ("done", lambda _: "Your bank has no more questions"),
}


_NO_OTHERS: Final[Mapping[str, Telling]] = {}


def told(event: OrderEventView, instead: Mapping[str, Telling] = _NO_OTHERS) -> Step | None:
    """An event as a line, with other words where `instead` has some; None for one that says nothing to people."""
    if event.kind not in _TOLD:
        return None
    look, usual = _TOLD[event.kind]
    title = instead.get(event.kind, usual)
    return Step(look=look, title=title(event.detail), at=event.at)


_REFUND_STATES: Final[Mapping[RefundState, str]] = {
    RefundState.OPEN: "We are sending it now.",
    RefundState.UNKNOWN: "We are sending it now.",
    RefundState.PENDING: "It is on its way. Banks take 5 to 10 days to show it.",
    RefundState.SUCCEEDED: "Sent. Banks take 5 to 10 days to show it.",
    RefundState.FAILED: "Your bank did not take it. We will contact you to find another way.",
}


@dataclass(frozen=True, kw_only=True)
class MoneyBack:
    """A refund in words. `pieces` are what it is for, where it is for something."""

    amount_cents: int
    reason: str
    state: str
    failed: bool
    asked_at: datetime
    pieces: tuple[tuple[str, int], ...]


def money_back(refund: RefundView) -> MoneyBack:
    return MoneyBack(
        amount_cents=refund.amount_cents,
        reason=refund.why,
        state=_REFUND_STATES[refund.state],
        failed=refund.state is RefundState.FAILED,
        asked_at=refund.asked_at,
        pieces=tuple((f"{line.quantity} × {line.name}", line.amount_cents) for line in refund.lines),
    )


def contested(dispute: DisputeView) -> str:
    """How a dispute stands, told to whoever began it."""
    amount = dollars(dispute.amount_cents)
    match dispute.status:
        case "won":
            return f"You asked your bank about {amount}. It decided that the charge was right, so the order stays paid."
        case "lost":
            return f"You asked your bank for {amount} back, and it gave them to you. Nothing more will be charged."
        case "warning_needs_response" | "warning_under_review":
            return f"Your bank asked us about this charge of {amount}. No money has moved; we are answering it."
        case "warning_closed" | "prevented":
            return "Your bank asked us about this charge and has no more questions."
        case _:
            return (
                f"You asked your bank for {amount} back. It holds the money while it looks into it; "
                "we are told when it has decided. Until then this cannot be refunded a second time."
            )
