"""Money that goes back: how much may, for which lines, and what a look at Stripe says about it.

open ──▶ unknown ──▶ pending ──▶ succeeded
  │         │           │            │
  └─────────┴───────────┴────────────┴──▶ failed

A bank may send a refund back days after Stripe called it a success, so `failed` can follow `succeeded`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kalecart.errors import Conflict, Invalid, Refused
from kalecart.ids import OrderId, RefundId, StaffId
from kalecart.money import CURRENCY, dollars
from kalecart.orders.order import Asker


class RefundState(StrEnum):
    OPEN = "open"
    UNKNOWN = "unknown"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


ARROWS: Final[Mapping[RefundState, frozenset[RefundState]]] = {
    RefundState.OPEN: frozenset({RefundState.UNKNOWN, RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.UNKNOWN: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
}


class RefundReason(StrEnum):
    CANCELLED = "cancelled"
    MISSING = "missing"
    QUALITY = "quality"
    GOODWILL = "goodwill"
    PAID_AFTER_CANCELLING = "paid_after_cancelling"
    DASHBOARD = "dashboard"


# As the customer reads it, after a colon.
WHY: Final[Mapping[RefundReason, str]] = {
    RefundReason.CANCELLED: "the order was cancelled",
    RefundReason.MISSING: "something you ordered was missing",
    RefundReason.QUALITY: "something was not as good as it should be",
    RefundReason.GOODWILL: "to make up for the trouble",
    RefundReason.PAID_AFTER_CANCELLING: "the payment went through after the order was cancelled",
    RefundReason.DASHBOARD: "as agreed with you",
}


# What staff may give as a reason, in their words; the others are the shop's own.
STAFF_REASONS: Final[Mapping[RefundReason, str]] = {
    RefundReason.MISSING: "Something is missing",
    RefundReason.QUALITY: "Something is not good enough",
    RefundReason.GOODWILL: "Goodwill",
}


class NothingToRefund(Conflict):
    """There is nothing left to refund."""


class RefundIdTaken(Conflict):
    """This refund id names another refund."""

    def __init__(self, recorded: "Recorded") -> None:
        super().__init__(
            f"It is on record with {dollars(recorded.amount_cents)}. Make a new id for every refund.",
            on_record={
                "order_id": str(recorded.order_id),
                "amount_cents": recorded.amount_cents,
                "reason": str(recorded.reason),
                "lines": dict(recorded.lines),
            },
        )


class OtherCurrency(Refused):
    """This order was paid in another currency."""


class TooMuch(Refused):
    """This is more than remains."""

    def __init__(self, asked_cents: int, remaining_cents: int) -> None:
        super().__init__(
            f"{dollars(asked_cents)} was asked for, and {dollars(remaining_cents)} of this order can be refunded.",
            remaining_cents=remaining_cents,
        )


@dataclass(frozen=True, kw_only=True)
class AskRefund:
    """What is asked. `refund_id` is made by whoever asks, so that asking twice is asking once.

    `amount_cents` None means all that remains; `lines` (sku → quantity) say what it is for and then make the amount.
    """

    refund_id: RefundId
    order_id: OrderId
    reason: RefundReason
    by: Asker
    staff_id: StaffId | None = None
    amount_cents: int | None = None
    lines: Mapping[str, int] | None = None
    currency: str = CURRENCY


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A refund that was asked before. `whole` is None where nobody wrote down whether all that remained was asked."""

    order_id: OrderId
    amount_cents: int
    reason: RefundReason
    whole: bool | None
    lines: Mapping[str, int]

    def same(self, asked: AskRefund) -> bool:
        """Whether this is what is asked again."""
        if (asked.order_id, asked.reason, asked.currency) != (self.order_id, self.reason, CURRENCY):
            return False
        if asked.lines:
            return dict(asked.lines) == dict(self.lines)
        if self.lines:
            return False
        if asked.amount_cents is None:
            return self.whole is not False
        return not self.whole and asked.amount_cents == self.amount_cents


@dataclass(frozen=True, kw_only=True)
class RefundSnapshot:
    """A refund as Stripe described it at one moment. `refund_id` is ours, None where it was not us who asked.

    `stripe_id` is None where Stripe refused to make one; then `state` is failed.
    """

    stripe_id: str | None
    refund_id: RefundId | None
    intent_id: str | None
    amount_cents: int
    state: RefundState
    failure_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Returnable:
    """The money of an order, read under its lock. Cents; `refunded` counts what is under way too."""

    charged_cents: int
    refunded_cents: int
    disputed_cents: int

    @property
    def remaining_cents(self) -> int:
        """A customer whose bank took the money back, or holds it, is not given it a second time."""
        return max(self.charged_cents - self.refunded_cents - self.disputed_cents, 0)


@dataclass(frozen=True, kw_only=True)
class SoldLine:
    """A line of an order and how much of it went back already."""

    sku: str
    quantity: int
    unit_price_cents: int
    taxable: bool
    returned: int = 0


def amount_of(lines: Sequence[SoldLine], wanted: Mapping[str, int], *, tax_cents: int) -> tuple[int, dict[str, int]]:
    """What so many of each line cost, with their share of the tax: `(cents, sku → cents)`.

    The shares of all units of a line add up to the line's, and those of all lines to the tax the customer paid.
    Raises Invalid for a line that is not the order's, or more of it than is left.
    """
    known = {line.sku: line for line in lines}
    problems = {f"/lines/{sku}": _problem(known.get(sku), count) for sku, count in wanted.items()}
    if found := {pointer: words for pointer, words in problems.items() if words}:
        raise Invalid(found)
    shares = _tax_shares(lines, tax_cents)
    amounts = {}
    for sku, count in wanted.items():
        line = known[sku]
        before, after = line.returned, line.returned + count
        tax = shares[sku] * after // line.quantity - shares[sku] * before // line.quantity
        amounts[sku] = count * line.unit_price_cents + tax
    return sum(amounts.values()), amounts


def _problem(line: SoldLine | None, count: int) -> str | None:
    if line is None:
        return "This product is not in the order."
    left = line.quantity - line.returned
    if not 1 <= count <= left:
        return f"Between 1 and {left} of these can be refunded." if left else "All of these were refunded already."
    return None


def _tax_shares(lines: Sequence[SoldLine], tax_cents: int) -> dict[str, int]:
    """Each line's part of the tax, to the cent: cumulative rounding, so that nothing is lost or made."""
    taxable = sum(line.quantity * line.unit_price_cents for line in lines if line.taxable)
    shares, seen = {}, 0
    for line in sorted(lines, key=lambda line: line.sku):
        cost = line.quantity * line.unit_price_cents if line.taxable else 0
        shares[line.sku] = tax_cents * (seen + cost) // taxable - tax_cents * seen // taxable if taxable else 0
        seen += cost
    return shares


def movement(before: RefundState, after: RefundState) -> int:
    """What a change of state means for the ledger: -1 money left, +1 it came back, 0 nothing moved."""
    gone = {RefundState.PENDING, RefundState.SUCCEEDED}
    if before not in gone and after in gone:
        return -1
    return 1 if before in gone and after is RefundState.FAILED else 0
