"""How long things took, as people compare it."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Milliseconds. Percentiles are values that occurred (nearest rank), never interpolated."""

    count: int
    p50: float
    p90: float
    p99: float
    most: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def latency(seconds: Iterable[float]) -> Latency | None:
    """None of nothing: a percentile of no sample would look like a good one."""
    ranked = sorted(seconds)
    if not ranked:
        return None
    return Latency(
        count=len(ranked),
        p50=_at(ranked, 0.50),
        p90=_at(ranked, 0.90),
        p99=_at(ranked, 0.99),
        most=_ms(ranked[-1]),
    )


def _at(ranked: list[float], share: float) -> float:
    return _ms(ranked[max(math.ceil(share * len(ranked)) - 1, 0)])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
