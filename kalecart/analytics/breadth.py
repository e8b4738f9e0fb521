"""How many different products people buy in a quarter, in a few steps, and what follows from it for a list of products.

Noise grows with the root of how many products one person may count in, and what is left out of people who buy more
shrinks. Both are worked out of what was told of the steps, noise and all, so choosing looks at nobody once more.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from kalecart.analytics.answer import Answer, Key
from kalecart.analytics.budget import MICRO
from kalecart.analytics.share import Missed

# A step holds who buys more products than the one before says, and at most so many. One person is in one step.
STEPS: Final = (20, 40, 80, 120, 160)
KEYS: Final[Sequence[Key]] = (*((str(most),) for most in STEPS), ("more",))
_DEVIATIONS: Final = 2.0


def bound_of(told: Answer, *, products: int, microrho: int) -> int:
    """In how many of all products one person may count, where the list costs `microrho`: what makes ranges shortest."""

    def width(each_max: int) -> float:
        scale, lacks = math.sqrt(each_max / (2 * microrho / MICRO)), missed(told, each_max, products=products)
        return _DEVIATIONS * (scale + math.hypot(scale, lacks.scale)) + lacks.most

    return min(STEPS, key=width)


def missed(told: Answer, each_max: int, *, products: int) -> Missed:
    """How many buyers of one product were left out at most, where of each person `each_max` of all products counted.

    Which of a person's products count is drawn: of who buys at most n, each is left out with 1 - each_max / n. On a
    step above all products there is nobody, whatever noise tells.
    """
    lost = [_lost(each_max, min(top, products)) if below < products else 0.0 for below, top in _ends(products)]
    most = sum(share * people for share, people in zip(lost, told.counts, strict=True))
    drawn = sum(share * (1 - share) * max(people, 0) for share, people in zip(lost, told.counts, strict=True))
    noise = sum((told.scale * share) ** 2 for share in lost)
    return Missed(most=max(most, 0.0), scale=math.sqrt(noise + drawn))


def _ends(products: int) -> Iterable[tuple[int, int]]:
    """How many products whoever is on a step buys more than, and at most."""
    return pairwise((0, *STEPS, max(products, STEPS[-1])))


def _lost(each_max: int, most: int) -> float:
    return max(1 - each_max / most, 0.0)


def names() -> Sequence[str]:
    """What the steps are called, in their order."""
    between = (f"{before + 1} to {most} products" for before, most in pairwise(STEPS))
    return (f"Up to {STEPS[0]} products", *between, f"More than {STEPS[-1]} products")
