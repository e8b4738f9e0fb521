"""How exact a survey's figures will be: told to whoever composes it, before anybody is asked.

A survey has one budget, split over its questions; each further question blurs all of them. What is published is worked
out by who publishes it, from the noise that was drawn.
"""

import math
from typing import Final

MICRORHO: Final = 8_000
# 97.5 % of the noise is within so many standard deviations; a share is within so many of its own with 95 %.
_DEVIATIONS: Final = 2.2414
_DEVIATIONS_SHARE: Final = 1.96
# A share that may be further off than so much is held back.
HALF_WIDTH_MAX: Final = 0.05
# And so is every share of fewer answers than this (E78).
ANSWERS_MIN: Final = 100


def microrho_each(questions: int) -> int:
    """What each of a survey's questions may cost, in millionths of rho."""
    return MICRORHO // questions


def people_either_way(questions: int) -> int:
    """By how many people a count may be off, up or down, 97.5 times in a hundred."""
    return math.ceil(_DEVIATIONS * _scale(questions))


def answers_needed(questions: int) -> int:
    """About how many people have to answer a question for its shares to be published, which are five points off at
    most. Of four answers to choose from; the sum of them is as blurred as two, and a half of it counts.
    """
    return math.ceil(_DEVIATIONS_SHARE * math.hypot(1, 2 / 2) * _scale(questions) / HALF_WIDTH_MAX)


def _scale(questions: int) -> float:
    """The noise's standard deviation, in people."""
    return math.sqrt(1 / (2 * microrho_each(questions) / 1_000_000))
