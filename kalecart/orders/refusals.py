"""Why an order is not placed. Each says what to do next; nothing was charged and the cart is kept.

Refused
├── EmptyCart · BelowMinimum · DeliveryEnded · UnknownWindow · UnknownCard · AccountNotConfirmed · AccountBarred
├── KeyReused
└── Conflict
    └── PriceChanged · OutOfStock · WindowFull · WindowClosed    (and carts.StaleCart)
"""

from collections.abc import Sequence
from typing import Any

from kalecart.errors import Conflict, Refused
from kalecart.money import dollars


class EmptyCart(Refused):
    """There is nothing in the cart."""


class BelowMinimum(Refused):
    """The order is below the minimum."""

    def __init__(self, *, minimum_cents: int, short_cents: int) -> None:
        super().__init__(
            f"Orders start at {dollars(minimum_cents)} of goods. Add {dollars(short_cents)} more.",
            minimum_cents=minimum_cents,
            short_cents=short_cents,
        )


class DeliveryEnded(Refused):
    """Delivery to you has ended, because you do not agree to what it needs."""


class UnknownWindow(Refused):
    """There is no such delivery window."""


class UnknownCard(Refused):
    """This payment method cannot be used."""


class AccountNotConfirmed(Refused):
    """This bank account is not confirmed yet."""


class AccountBarred(Refused):
    """Your payment record does not allow this bank account now."""


class KeyReused(Refused):
    """The Idempotency-Key was used for a different order."""


class PriceChanged(Conflict):
    """The total is no longer what you were shown."""

    def __init__(self, *, changes: Sequence[dict[str, Any]], total_cents: int, cart_version: int) -> None:
        super().__init__(
            f"The total is now {dollars(total_cents)}. Look at what changed and place the order again to accept.",
            changes=list(changes),
            total_cents=total_cents,
            cart_version=cart_version,
        )


class OutOfStock(Conflict):
    """Somebody else was faster."""

    def __init__(self, lines: Sequence[dict[str, Any]]) -> None:
        super().__init__("We do not have all of this any more. Change the cart and place the order again.", lines=lines)


class WindowFull(Conflict):
    """The delivery window is full."""


class WindowClosed(Conflict):
    """The delivery window no longer takes orders."""
