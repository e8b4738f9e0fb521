"""The shop's terms of sale: the numbers an owner sets."""

from dataclasses import dataclass
from typing import Final

# Los Angeles County, by the first three digits of a ZIP code.
HOME_AREA: Final = "Los Angeles County"
HOME_ZIPS: Final = tuple(str(first) for first in (*range(900, 909), *range(910, 919)))


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What every order is held against: cents, basis points (975 = 9.75 %), and how the ZIP codes we drive to start."""

    minimum_order_cents: int
    delivery_fee_cents: int
    free_delivery_from_cents: int
    tax_rate_basis_points: int
    delivery_area: str = HOME_AREA
    delivery_zips: tuple[str, ...] = HOME_ZIPS
