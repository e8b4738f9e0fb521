"""What was not as expected, wherever in the figures that is said: how often, and which it was."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

# What failed in a measurement and what was left undone, and where it is written which.
SHORT: Final[Mapping[str, str]] = {"failed": "failures", "unpaid": "unpaid_listed", "unsettled": "unsettled_listed"}


def failures(figures: Mapping[str, Any]) -> int:
    """Of everything that was asked and of every order that should be paid."""
    return sum(_short(part) for _, part in _parts("", figures))


def failing(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each measurement in which something was not as expected, and what was, as far as it was written down."""
    for where, part in _parts("", figures):
        if _short(part):
            kinds = ", ".join(f"{part[name]} {name}" for name in SHORT if part.get(name))
            listed = (words for name in SHORT.values() for words in part.get(name, ()))
            yield f"{where.strip()}: {kinds}", "; ".join(listed) or "nobody wrote down why"


def _short(part: Mapping[str, Any]) -> int:
    return sum(part.get(name, 0) for name in SHORT)


def _parts(name: str, told: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every measurement, and every part of one that has figures of its own."""
    if isinstance(told, Mapping):
        yield name, told
        for inner, part in told.items():
            yield from _parts(f"{name} {inner}", part)
