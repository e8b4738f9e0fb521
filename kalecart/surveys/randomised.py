"""Randomised response: how a sensitive question is asked so that nobody learns the answer, the shop least of all.

Of four answers chance keeps three and turns one round, and what it did is forgotten. So each one that is kept may be
the opposite of the truth, while among many the share of the true answers can be told (`analytics.share.unrandomised`):
differential privacy with epsilon = ln 3, before anything else.
"""

from typing import Final

# One answer in this many is turned round.
TURNED_ONE_IN: Final = 4
KEPT_PROBABILITY: Final = 1 - 1 / TURNED_ONE_IN


def said(*, truth: bool, drawn: int) -> bool:
    """What is kept of the truth, where `drawn` is one of 0 to 3 by chance."""
    if not 0 <= drawn < TURNED_ONE_IN:
        raise ValueError(drawn)
    return truth is not (drawn == 0)
