"""The shop's terms of sale: the numbers an owner sets."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What every order is held against. Cents, and basis points (975 = 9.75 %)."""

    minimum_order_cents: int
    delivery_fee_cents: int
    free_delivery_from_cents: int
    tax_rate_basis_points: int
