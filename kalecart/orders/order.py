"""An order: what was agreed, and the few arrows along which it may move.

  ┌───────────────────┐
  │                   ▼
placed ──▶ paid ──▶ picking ──▶ fulfilled
  │         │
  └────┬────┘
       ▼
   cancelled

Straight from placed to picking goes only what a bank is still paying for and the shop's rule lets go ahead (C15).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from kalecart.errors import Conflict
from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId, WindowId


class OrderStatus(StrEnum):
    PLACED = "placed"
    PAID = "paid"
    PICKING = "picking"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


TRANSITIONS: Final[Mapping[OrderStatus, frozenset[OrderStatus]]] = {
    OrderStatus.PLACED: frozenset({OrderStatus.PAID, OrderStatus.PICKING, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.PICKING, OrderStatus.CANCELLED}),
    OrderStatus.PICKING: frozenset({OrderStatus.FULFILLED}),
    OrderStatus.FULFILLED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


# Before anybody has begun to pack it, an order can still be brought somewhere else.
REDIRECTABLE: Final = frozenset({OrderStatus.PLACED, OrderStatus.PAID})


class OrderMovedOn(Conflict):
    """The order is no longer where you saw it."""


def kept_until(placed_at: datetime, cutoff_at: datetime, *, unpaid: timedelta) -> datetime:
    """How long an order that waits for its customer's payment keeps its goods and its place in the window."""
    return min(placed_at + unpaid, cutoff_at)


class Asker(StrEnum):
    """Who wants something of an order."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SHOP = "shop"


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """What a shopper asks for, with the total and the version of the cart they saw (E5, E7, E8).

    `order_id` is made before anything is sent. The same `idempotency_key` with the same content is the same request,
    however often it arrives (E2, E4). Who asks is `customer_id`, or whoever is logged in by `session_hash`.
    """

    order_id: OrderId
    customer_id: CustomerId | None
    cart_token: str | None
    cart_version: int
    expected_total_cents: int
    window_id: WindowId
    payment_method_id: PaymentMethodId
    idempotency_key: str
    session_hash: bytes | None = None

    @property
    def fingerprint(self) -> bytes:
        """What must be the same for two requests with one key to be one request."""
        content = f"{self.cart_version}|{self.expected_total_cents}|{self.window_id}|{self.payment_method_id}"
        return hashlib.sha256(content.encode()).digest()


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order by itself; its lines and its timeline are read for pages (`orders.reads`)."""

    id: OrderId
    number: str
    customer_id: CustomerId
    status: OrderStatus
    address_id: AddressId
    window_id: WindowId
    payment_method_id: PaymentMethodId
    total_cents: int
    placed_at: datetime
    # The shop's rule lets it be picked while a bank still moves the money (C15).
    goes_ahead: bool = False

    def become(self, status: OrderStatus) -> Self:
        if status not in TRANSITIONS[self.status]:
            raise OrderMovedOn(f"Order {self.number} is {self.status}; it cannot become {status}.")
        return replace(self, status=status)
