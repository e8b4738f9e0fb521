"""A share of people, out of two noisy counts: the percentage, how sure we are, and whether it is shown at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final

PEOPLE_TOLD_MIN: Final = 100
HALF_WIDTH_MAX: Final = 0.05
# A count by itself is within `within` with 97.5 %, and within `within_both` with 98.75 %.
ALPHA: Final = 0.025
ALPHA_BOTH: Final = 0.0125
# How many standard deviations an end of a share is away: the share is between its ends with 95 %, and with 97.5 % where
# two of them are held side by side, so that both are right together with 95 %.
_DEVIATIONS: Final = NormalDist().inv_cdf(1 - 0.05 / 2)
_DEVIATIONS_BOTH: Final = NormalDist().inv_cdf(1 - 0.025 / 2)


@dataclass(frozen=True, kw_only=True)
class Noisy:
    """A count with noise: below zero is possible. `within` is how far it may be off; see ALPHA, ALPHA_BOTH. `scale` is
    the standard deviation of the noise.
    """

    count: int
    within: int
    within_both: int
    scale: float


@dataclass(frozen=True, kw_only=True)
class Missed:
    """How many people a count may lack because of one person only so many things count: `most`, give or take `scale`
    (a standard deviation).
    """

    most: float = 0.0
    scale: float = 0.0


NOBODY: Final = Missed()


def total(counts: Sequence[int], scale: float) -> Noisy:
    """How many people stand behind counts of which each of them is in one: the noise of all of them together."""
    spread = scale * math.sqrt(len(counts))
    within, within_both = (math.ceil(NormalDist().inv_cdf(1 - alpha / 2) * spread) + 1 for alpha in (ALPHA, ALPHA_BOTH))
    return Noisy(count=sum(counts), within=within, within_both=within_both, scale=spread)


class Held(StrEnum):
    """Why a share is not shown."""

    TOO_FEW = "too_few"
    TOO_UNSURE = "too_unsure"


HELD_WORDS: Final = {
    Held.TOO_FEW: "Too few to say: fewer than 100 people may stand behind it.",
    Held.TOO_UNSURE: "Too few to say: its range would be more than ten points wide.",
}


@dataclass(frozen=True, kw_only=True)
class Share:
    """Whole percents: `low` to `high` holds the share of those who did, with 95 %; `about` is what was counted. `held`
    says why it must not be shown, or None.

    The exact bounds of one share (`bounds`) and of two compared (`both`) are between 0 and 1.
    """

    about: int
    low: int
    high: int
    held: Held | None
    bounds: tuple[float, float]
    both: tuple[float, float]

    @property
    def rare(self) -> bool:
        """Nobody at all would be as likely: only an upper end is told (E73)."""
        return self.bounds[0] == 0

    @property
    def fewer_than(self) -> int:
        """The whole percent that a rare share stays under."""
        return min(math.floor(self.bounds[1] * 100) + 1, 100)

    @property
    def words(self) -> str:
        """'About 43 %, 95 % sure between 40 % and 47 %', 'Fewer than 2 %', or why it is held."""
        if self.held is not None:
            return HELD_WORDS[self.held]
        if self.rare:
            return f"Fewer than {self.fewer_than} %"
        return f"About {self.about} %, 95 % sure between {self.low} % and {self.high} %"


def share_of(part: Noisy, people: Noisy, *, missed: Missed = NOBODY) -> Share:
    """What share of `people` are counted in `part`, or would be if nothing of them were left out."""
    return _share(
        _ratio(part.count, people.count),
        bounds := _bounds(part, people, missed, _DEVIATIONS),
        _bounds(part, people, missed, _DEVIATIONS_BOTH),
        people,
        half_width=(bounds[1] - bounds[0]) / 2,
    )


def unrandomised(part: Noisy, people: Noisy, *, truthful: float) -> Share:
    """The share behind answers each of which is the true one with probability `truthful` (3/4), else the other one."""

    def behind(ratio: float) -> float:
        return (ratio - (1 - truthful)) / (2 * truthful - 1)

    # Who drew what is chance as well, beside the noise: it gets its own part of the 5 %.
    low, high = _bounds(part, people, NOBODY, _DEVIATIONS_BOTH)
    drawn = NormalDist().inv_cdf(1 - ALPHA / 2) * 0.5 / math.sqrt(max(people.count - people.within_both, 1))
    low, high = behind(low - drawn), behind(high + drawn)
    bounds = _possible(low), _possible(high)
    about = _possible(behind(_ratio(part.count, people.count)))
    return _share(about, bounds, bounds, people, half_width=(high - low) / 2)


def _possible(ratio: float) -> float:
    return min(max(ratio, 0.0), 1.0)


def _share(
    about: float, bounds: tuple[float, float], both: tuple[float, float], people: Noisy, *, half_width: float
) -> Share:
    low, high = bounds
    held = None
    if people.count < PEOPLE_TOLD_MIN:
        held = Held.TOO_FEW
    elif half_width > HALF_WIDTH_MAX:
        held = Held.TOO_UNSURE
    whole = round(about * 100)
    return Share(
        about=whole,
        low=min(math.floor(low * 100), whole),
        high=max(math.ceil(high * 100), whole),
        held=held,
        bounds=bounds,
        both=both,
    )


def _ratio(count: int, people: int) -> float:
    return min(max(count / people, 0.0), 1.0) if people > 0 else 0.0


def _bounds(part: Noisy, people: Noisy, missed: Missed, deviations: float) -> tuple[float, float]:
    """The shares at which the noise of both counts together would be as large as that; above, of who is missed too."""
    sure = people.count**2 - (deviations * people.scale) ** 2
    if people.count <= 0 or sure <= 0:
        return 0.0, 1.0

    def end(count: float, scale: float, deviations: float) -> float:
        spread = (people.count * scale) ** 2 + (count * people.scale) ** 2 - (deviations * scale * people.scale) ** 2
        return _possible((count * people.count + deviations * math.sqrt(spread)) / sure)

    high = end(part.count + missed.most, math.hypot(part.scale, missed.scale), deviations)
    return end(part.count, part.scale, -deviations), high


@dataclass(frozen=True, kw_only=True)
class Change:
    """From one quarter to the next, where it is more than the noise of both: whole points at least."""

    up: bool
    points_min: int

    @property
    def words(self) -> str:
        way = "Up" if self.up else "Down"
        if self.points_min == 0:
            return f"{way} a little"
        return f"{way} by {self.points_min} point{'s' * (self.points_min != 1)} at least"


def change(before: Share, now: Share) -> Change | None:
    """None where nothing can be said: held, or within the accuracy of the two together."""
    if before.held or now.held:
        return None
    up, down = now.both[0] - before.both[1], before.both[0] - now.both[1]
    if max(up, down) <= 0:
        return None
    return Change(up=up > 0, points_min=math.floor(max(up, down) * 100))


@dataclass(frozen=True, kw_only=True)
class Place:
    """From `first` to `last` of a list: what is tied shares places."""

    first: int
    last: int


def places(counts: Sequence[Noisy]) -> tuple[Place, ...]:
    """The place of each count among all, as far as the noise lets two of them be told apart."""
    ordered = sorted(each.count for each in counts)
    found = []
    for each in counts:
        apart = 2 * each.within
        ahead = sum(other > each.count + apart for other in ordered)
        behind = sum(other < each.count - apart for other in ordered)
        found.append(Place(first=1 + ahead, last=len(ordered) - behind))
    return tuple(found)
