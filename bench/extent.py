"""How long and how much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Times in seconds. `rounds` of orders and pgbench alternate, and the median of their ratios counts."""

    people: int = 64
    at_once: int = 32
    # pgbench is tried with all of these numbers of clients and its best figure counts: with as many as there are
    # shoppers it mostly waits for the same few rows, and would be an easy mark.
    yard_clients: tuple[int, ...] = (4, 8, 32)
    stripe_latency_ms: int = 100
    page_s: float = 4.0
    pages_per_second: float = 50.0
    checkout_s: float = 10.0
    crowded_s: float = 8.0
    paid_s: float = 10.0
    warm_up_s: float = 2.0
    rounds: int = 5
    orders: int = 2_000
    yard_orders: int = 3_200
    few_products: int = 20
    backlog: int = 2_000
    events_s: float = 12.0
    away_s: float = 15.0
    # Ten years of weekly orders; many others with a quarter of a year each.
    loyal_orders: int = 520
    other_orders: int = 12
    requests: int = 1_000
    pairs: int = 3
    pair_s: float = 20.0
    keys: int = 100_000
    complaints: int = 100_000


WHOLE: Final = Extent()
QUICK: Final = Extent(
    page_s=1.5,
    checkout_s=4.0,
    crowded_s=3.0,
    paid_s=4.0,
    warm_up_s=1.0,
    rounds=3,
    orders=1_000,
    yard_orders=1_600,
    backlog=600,
    events_s=5.0,
    away_s=6.0,
    requests=200,
    pairs=1,
    pair_s=8.0,
    complaints=20_000,
)
