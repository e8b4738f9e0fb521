"""The shop's terms of sale: the numbers an owner sets."""

from dataclasses import dataclass
from typing import Final

# Los Angeles County, by the first three digits of a ZIP code.
HOME_AREA: Final = "Los Angeles County"
HOME_ZIPS: Final = tuple(str(first) for first in (*range(900, 909), *range(910, 919)))


@dataclass(frozen=True, kw_only=True)
class GoAhead:
    """When an order may be picked while its bank still moves the money (C15), for a customer in good standing.

    So many of their orders were paid by debit before, and the total is within bounds.
    """

    debits_before_min: int = 3
    total_cents_max: int = 15_000

    def allows(self, *, allowed: bool, debits_before: int, total_cents: int) -> bool:
        """`allowed` is whether their payment record lets a bank account be charged at all."""
        return allowed and debits_before >= self.debits_before_min and total_cents <= self.total_cents_max


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What every order is held against: cents, basis points (975 = 9.75 %), and how the ZIP codes we drive to start."""

    minimum_order_cents: int
    delivery_fee_cents: int
    free_delivery_from_cents: int
    tax_rate_basis_points: int
    delivery_area: str = HOME_AREA
    delivery_zips: tuple[str, ...] = HOME_ZIPS
    go_ahead: GoAhead = GoAhead()
