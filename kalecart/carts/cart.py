"""A cart: what might be bought. It changes freely, and its prices are quotes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kalecart.errors import Conflict
from kalecart.ids import CartId, CustomerId

QUANTITY_MAX: Final = 99
LINES_MAX: Final = 60
CART_TTL: Final = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class CartLine:
    """One product in a cart. `shown_cents` is the price the shopper saw, `price_cents` what it costs now."""

    sku: str
    name: str
    size: str
    picture: str
    quantity: int
    price_cents: int
    shown_cents: int
    on_hand: int
    tax_category: str
    active: bool

    @property
    def amount_cents(self) -> int:
        return self.price_cents * self.quantity


@dataclass(frozen=True, kw_only=True)
class Cart:
    """`version` grows with every change: who holds an older one holds an older cart."""

    id: CartId
    version: int
    customer_id: CustomerId | None
    lines: tuple[CartLine, ...]

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    def quantity_of(self, sku: str) -> int:
        return next((line.quantity for line in self.lines if line.sku == sku), 0)


class StaleCart(Conflict):
    """The cart was changed in another tab."""

    def __init__(self, cart: Cart | None) -> None:
        super().__init__("This is the current cart. Look at it and try again.")
        self.cart = cart
