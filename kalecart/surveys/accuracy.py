"""How exact a survey's figures will be: told to whoever composes it, before anybody is asked.

A survey has one budget, split over its questions; each further question blurs all of them. What is published is worked
out by who publishes it, from the noise that was drawn.
"""

import math
from typing import Final

MICRORHO: Final = 10_000
# 97.5 % of the noise is within so many standard deviations.
_DEVIATIONS: Final = 2.2414
# Fewer answers than this are not published at all (E78).
ANSWERS_MIN: Final = 100


def microrho_each(questions: int) -> int:
    """What each of a survey's questions may cost, in millionths of rho."""
    return MICRORHO // questions


def people_either_way(questions: int) -> int:
    """By how many people a count may be off, up or down, 97.5 times in a hundred."""
    return math.ceil(_DEVIATIONS * math.sqrt(1 / (2 * microrho_each(questions) / 1_000_000)))


def points_either_way(questions: int, answers: int) -> int:
    """The same in points of a hundred, where so many people answer."""
    return math.ceil(100 * people_either_way(questions) / answers)
