"""Noise with a proof: the library's mechanisms, each asked what it guarantees before any data is read.

The scale is a closed form, and the library's own map is held against it, so that a slip in the algebra stops a release
instead of weakening it. All randomness is the library's. Only workers come here: the library is loaded when it is used.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

from kalecart.analytics.budget import MICRO
from kalecart.analytics.share import ALPHA, ALPHA_BOTH

# Above what rounding takes away, and nothing that anybody would notice.
_A_LITTLE_MORE: Final = 1 + 1e-9


class GuaranteeBroken(Exception):
    """The mechanism promises less than what was paid for: a bug, and nothing is released."""


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """Adds noise to counts of which one person changes at most `each_max`, each by at most one."""

    scale: float
    within: int
    within_both: int
    _measure: Callable[[list[int]], list[int]]

    def draw(self, counts: Sequence[int]) -> list[int]:
        """The counts with fresh noise. Whoever draws twice and shows both has told twice as much."""
        return self._measure(list(counts))


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Counts texts nobody listed before: noise, and only what stays above `threshold`, so that no text of one person
    alone is shown but with a chance of delta.
    """

    scale: float
    threshold: int
    within: int
    within_both: int
    _measure: Callable[[dict[str, int]], dict[str, int]]

    def draw(self, counts: Mapping[str, int]) -> dict[str, int]:
        return self._measure(dict(counts))


def gaussian(*, microrho: int, size: int, each_max: int) -> Gaussian:
    """For `size` counts. Raises GuaranteeBroken."""
    dp = _library()
    apart, scale = _apart(each_max), _scale(microrho, each_max)
    space = dp.vector_domain(dp.atom_domain(T=int), size=size), dp.l2_distance(T=float)
    measurement = dp.m.make_gaussian(*space, scale=scale)
    hold(measurement.map(apart), microrho)
    return Gaussian(
        scale=scale, within=_within(scale, ALPHA), within_both=_within(scale, ALPHA_BOTH), _measure=measurement
    )


def threshold(*, microrho: int, delta: float) -> Threshold:
    """For texts of which one person adds at most one. Raises GuaranteeBroken."""
    dp = _library()
    scale = _scale(microrho, 1)
    least = math.ceil(1 + scale * NormalDist().inv_cdf(1 - delta)) + 1
    space = (
        dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T=int)),
        dp.l02inf_distance(dp.absolute_distance(T=float)),
    )
    measurement = dp.m.make_gaussian_threshold(*space, scale=scale, threshold=least)
    rho, chance = measurement.map((1, 1.0, 1.0))
    hold(rho, microrho, chance=chance, delta=delta)
    within, within_both = _within(scale, ALPHA), _within(scale, ALPHA_BOTH)
    return Threshold(scale=scale, threshold=least, within=within, within_both=within_both, _measure=measurement)


def epsilon_of(microrho: int, *, delta: float) -> float:
    """What so much rho amounts to, in epsilon at a delta: how a year's budget is told to people."""
    dp = _library()
    one = dp.m.make_gaussian(dp.atom_domain(T=int), dp.absolute_distance(T=float), scale=_scale(microrho, 1))
    return dp.c.make_zCDP_to_approxDP(one).map(1.0).epsilon(delta)


def _library() -> Any:
    import opendp.prelude as dp  # noqa: PLC0415  # 30 MB that only who draws noise needs

    dp.enable_features("contrib")
    return dp


def _apart(each_max: int) -> float:
    """The most that one person moves the counts, as a length, rounded up."""
    return math.nextafter(math.sqrt(each_max), math.inf)


def _scale(microrho: int, each_max: int) -> float:
    return _apart(each_max) / math.sqrt(2 * microrho / MICRO) * _A_LITTLE_MORE


def _within(scale: float, alpha: float) -> int:
    return math.ceil(_library().discrete_gaussian_scale_to_accuracy(scale, alpha))


def hold(rho: float, microrho: int, *, chance: float = 0.0, delta: float = 0.0) -> None:
    """Raise GuaranteeBroken where the library's own figures are above what was paid for."""
    if not (rho * MICRO <= microrho and chance <= delta):
        raise GuaranteeBroken
