"""The one intention to collect for an order, and what a look at it at Stripe means for us."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.ids import AttemptId, OrderId
from kalecart.payments.lifecycle import INTENT

# Stripe's words for the state of a PaymentIntent.
SUCCEEDED: Final = "succeeded"
PROCESSING: Final = "processing"
REQUIRES_ACTION: Final = "requires_action"
CANCELED: Final = "canceled"
REQUIRES_METHOD: Final = "requires_payment_method"


@dataclass(frozen=True, kw_only=True)
class IntentSnapshot:
    """A PaymentIntent as Stripe described it at one moment. Amounts in cents."""

    stripe_id: str
    status: str
    amount_cents: int
    order_id: OrderId | None
    charge_id: str | None = None
    decline_code: str | None = None
    method_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class OpenAttempt:
    """The one try of an order that may still move money."""

    id: AttemptId
    method_id: str
    kind: str = "card"


@dataclass(frozen=True, kw_only=True)
class Books:
    """What our own rows say about the same order, read under its lock."""

    order_id: UUID
    order_status: str
    total_cents: int
    status: str
    attempt: OpenAttempt | None
    seen_charge_ids: frozenset[str]


class Finding(StrEnum):
    """What a look at Stripe adds to our books."""

    NOTHING = "nothing"
    PAID = "paid"
    DECLINED = "declined"
    ACTION_NEEDED = "action_needed"
    PROCESSING = "processing"
    CANCELED = "canceled"
    WRONG_AMOUNT = "wrong_amount"


# What Stripe waits for: the bank, or the customer.
_WAITS: Final = {PROCESSING: Finding.PROCESSING, REQUIRES_ACTION: Finding.ACTION_NEEDED}
_MOVE_NOTHING: Final = frozenset({Finding.NOTHING, Finding.WRONG_AMOUNT})


def find(snapshot: IntentSnapshot, books: Books) -> Finding:
    """Never goes back from success, and a late failure of an older try says nothing about the open one (E22, E29)."""
    found = _found(snapshot, books)
    moves = SUCCEEDED if found is Finding.PAID else str(found)
    return found if found in _MOVE_NOTHING or moves in INTENT[books.status] else Finding.NOTHING


def _found(snapshot: IntentSnapshot, books: Books) -> Finding:
    if books.status == SUCCEEDED:
        return Finding.NOTHING
    if snapshot.status == SUCCEEDED:
        return Finding.PAID if snapshot.amount_cents == books.total_cents else Finding.WRONG_AMOUNT
    if snapshot.status in _WAITS:
        return _waiting(_WAITS[snapshot.status], snapshot, books)
    if snapshot.status == CANCELED:
        return Finding.CANCELED if books.status != CANCELED else Finding.NOTHING
    if snapshot.decline_code and books.attempt is not None and _speaks_of(snapshot, books, books.attempt):
        return Finding.DECLINED
    return Finding.NOTHING


def _waiting(finding: Finding, snapshot: IntentSnapshot, books: Books) -> Finding:
    """What the open try waits for. A bank that has the money in hand does not ask its customer again."""
    if books.attempt is None or snapshot.method_id not in {None, books.attempt.method_id}:
        return Finding.NOTHING
    return Finding.NOTHING if books.status in {finding, PROCESSING} else finding


def _speaks_of(snapshot: IntentSnapshot, books: Books, attempt: OpenAttempt) -> bool:
    if snapshot.charge_id is not None and snapshot.charge_id in books.seen_charge_ids:
        return False
    return snapshot.method_id is None or snapshot.method_id == attempt.method_id
