"""What Stripe, the ledger and the orders say about the same money, and where they do not say the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from kalecart.ids import OrderId
from kalecart.payments.dispute import DisputeSnapshot
from kalecart.payments.intent import CANCELED, PROCESSING, SUCCEEDED, IntentSnapshot
from kalecart.payments.refund import RefundSnapshot, RefundState


class What(StrEnum):
    """Stripe's names for what moves money."""

    PAYMENT = "payment_intent"
    REFUND = "refund"
    DISPUTE = "dispute"


class Gap(StrEnum):
    """How Stripe and the books can differ."""

    UNBOOKED = "unbooked"  # Stripe moved money that the books do not have
    UNMADE = "unmade"  # the books have money that Stripe did not move
    AMOUNT = "amount"  # both have it, in different amounts
    BEHIND = "behind"  # cancelled at Stripe, and open here
    STRAY = "stray"  # one more intention to collect for an order that has its own; no money moved yet
    DOUBLE = "double"  # one more that took money


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Cents of one kind of movement."""

    stripe: int = 0
    ledger: int = 0
    orders: int = 0

    def __add__(self, other: Self) -> "Sums":
        return Sums(
            stripe=self.stripe + other.stripe, ledger=self.ledger + other.ledger, orders=self.orders + other.orders
        )

    def __sub__(self, other: Self) -> "Sums":
        return self + Sums(stripe=-other.stripe, ledger=-other.ledger, orders=-other.orders)

    @property
    def equal(self) -> bool:
        return self.stripe == self.ledger == self.orders


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One object of Stripe's and what our books have of it. `gap` is None where they say the same."""

    what: What
    stripe_id: str
    order_id: OrderId
    cents: Sums
    gap: Gap | None = None

    @property
    def name(self) -> str:
        """`refund:unbooked:re_…`: for alerts and for people."""
        return f"{self.what}:{self.gap}:{self.stripe_id}"


@dataclass(frozen=True, kw_only=True)
class OurPayment:
    """An order's payment in our books. `order_cents` is its total where it is paid."""

    order_id: OrderId
    stripe_id: str | None
    status: str | None
    cancelled: bool
    order_cents: int
    ledger_cents: int


@dataclass(frozen=True, kw_only=True)
class OurMovement:
    """A refund or a dispute in our books: what its row and what the ledger say is gone."""

    order_id: OrderId
    order_cents: int
    ledger_cents: int


def payment_pair(theirs: IntentSnapshot, ours: OurPayment) -> Pair:
    took = theirs.amount_cents if theirs.status == SUCCEEDED else 0
    if ours.stripe_id not in {theirs.stripe_id, None}:
        return _pair(What.PAYMENT, theirs.stripe_id, ours.order_id, Sums(stripe=took), _extra(theirs))
    cents = Sums(stripe=took, ledger=ours.ledger_cents, orders=ours.order_cents)
    gap = _gap(cents)
    if gap is None and theirs.status == CANCELED and ours.status not in {CANCELED, None}:
        gap = Gap.BEHIND
    if gap is None and ours.stripe_id is None and ours.cancelled:
        gap = _extra(theirs)
    return _pair(What.PAYMENT, theirs.stripe_id, ours.order_id, cents, gap)


def _extra(theirs: IntentSnapshot) -> Gap | None:
    if theirs.status == CANCELED:
        return None
    return Gap.DOUBLE if theirs.status in {SUCCEEDED, PROCESSING} else Gap.STRAY


_GONE: Final = frozenset({RefundState.PENDING, RefundState.SUCCEEDED})


def refund_pair(theirs: RefundSnapshot, ours: OurMovement) -> Pair:
    gone = theirs.amount_cents if theirs.state in _GONE else 0
    cents = Sums(stripe=gone, ledger=ours.ledger_cents, orders=ours.order_cents)
    return _pair(What.REFUND, str(theirs.stripe_id), ours.order_id, cents, _gap(cents))


def dispute_pair(theirs: DisputeSnapshot, ours: OurMovement) -> Pair:
    held = theirs.amount_cents if theirs.took_money and not theirs.gave_back else 0
    cents = Sums(stripe=held, ledger=ours.ledger_cents, orders=ours.order_cents)
    return _pair(What.DISPUTE, theirs.stripe_id, ours.order_id, cents, _gap(cents))


def missing_pair(what: What, stripe_id: str, ours: OurPayment | OurMovement) -> Pair:
    """What our books name and Stripe does not know."""
    return _pair(what, stripe_id, ours.order_id, Sums(ledger=ours.ledger_cents, orders=ours.order_cents), Gap.UNMADE)


def _gap(cents: Sums) -> Gap | None:
    if cents.equal:
        return None
    if 0 in {cents.ledger, cents.orders} and cents.stripe:
        return Gap.UNBOOKED
    return Gap.AMOUNT if cents.stripe else Gap.UNMADE


def _pair(what: What, stripe_id: str, order_id: OrderId, cents: Sums, gap: Gap | None) -> Pair:
    return Pair(what=what, stripe_id=stripe_id, order_id=order_id, cents=cents, gap=gap)


@dataclass
class Comparison:
    """What a reading of Stripe's lists against the books has found so far."""

    sums: dict[What, Sums] = field(default_factory=lambda: dict.fromkeys(What, Sums()))
    gaps: list[Pair] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    # At Stripe and not of this shop: counted, and not touched.
    foreign: int = 0

    def add(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            self.seen.add(pair.stripe_id)
            self.sums[pair.what] += pair.cents
            if pair.gap is not None:
                self.gaps.append(pair)

    def replace(self, before: Pair, after: Pair | None) -> None:
        """A gap was looked at again: both sides moved on meanwhile, or it is still there."""
        self.gaps.remove(before)
        self.sums[before.what] -= before.cents
        self.add([after] if after else [])

    @property
    def kept(self) -> Sums:
        """What is left of all that was taken."""
        return self.sums[What.PAYMENT] - self.sums[What.REFUND] - self.sums[What.DISPUTE]
