"""What a cart would cost, in cents: goods, delivery, tax, total.

`orders.store.PLACE` computes the same in SQL under lock; tests/integration/orders holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kalecart.carts.cart import CartLine
from kalecart.money import share
from kalecart.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Quote:
    goods_cents: int
    delivery_cents: int
    tax_cents: int
    total_cents: int
    minimum_cents: int
    short_of_minimum_cents: int
    short_of_free_delivery_cents: int


def quote(lines: Iterable[CartLine], terms: Terms) -> Quote:
    """Tax is on the taxable goods together, rounded once: California exempts most food, and delivery stated apart."""
    lines = tuple(lines)
    goods = sum(line.amount_cents for line in lines)
    taxable = sum(line.amount_cents for line in lines if line.tax_category == "taxable")
    delivery = delivery_cents(goods, terms) if lines else 0
    tax = share(taxable, terms.tax_rate_basis_points)
    return Quote(
        goods_cents=goods,
        delivery_cents=delivery,
        tax_cents=tax,
        total_cents=goods + delivery + tax,
        minimum_cents=terms.minimum_order_cents,
        short_of_minimum_cents=max(terms.minimum_order_cents - goods, 0),
        short_of_free_delivery_cents=max(terms.free_delivery_from_cents - goods, 0) if delivery else 0,
    )


def delivery_cents(goods_cents: int, terms: Terms) -> int:
    """Free from a threshold of goods on."""
    return 0 if goods_cents >= terms.free_delivery_from_cents else terms.delivery_fee_cents
