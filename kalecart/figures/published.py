"""What a release says, ready to be read: a line for each thing that was counted, with its words, or why it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind
from kalecart.analytics.share import PEOPLE_TOLD_MIN, Change, Noisy, Place, Share

_MONTHS = {1: ("January", "March"), 2: ("April", "June"), 3: ("July", "September"), 4: ("October", "December")}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing. `low` to `high` are whole percents, 95 % sure; all numbers are None where it is held back.

    What is rare has no `about` and `low`: it says only what it is fewer than, `high`. `place` and `since` are words, or
    empty where nothing can be said.
    """

    of: str
    name: str
    words: str
    about: int | None = None
    low: int | None = None
    high: int | None = None
    place: str = ""
    since: str = ""

    @property
    def told(self) -> bool:
        return self.high is not None


@dataclass(frozen=True, kw_only=True)
class Published:
    """A release with its answer. `among` says of whom the percentages are."""

    key: str
    kind: Kind
    period: str
    title: str
    among: str
    released_at: datetime
    microrho: int
    lines: Sequence[Line]

    @property
    def told(self) -> Sequence[Line]:
        return [line for line in self.lines if line.told]

    @property
    def held(self) -> Sequence[Line]:
        return [line for line in self.lines if not line.told]


def line_of(of: str, name: str, share: Share, *, place: Place | None = None, since: Change | None = None) -> Line:
    """Nothing of a share that is held but the words why."""
    if share.held is not None:
        return Line(of=of, name=name, words=share.words)
    if share.rare:
        return Line(of=of, name=name, words=share.words, high=share.fewer_than)
    return Line(
        of=of,
        name=name,
        words=share.words,
        about=share.about,
        low=share.low,
        high=share.high,
        place=place_words(place) if place else "",
        since=since.words if since else "",
    )


def people_line(people: Noisy) -> Line:
    """How many were counted: about, and never exactly."""
    if people.count < PEOPLE_TOLD_MIN:
        return Line(of="people", name="Customers counted", words="Fewer than about 100: too few to say how many.")
    low, high = people.count - people.within, people.count + people.within
    words = f"About {people.count:,}, 97.5 % sure between {low:,} and {high:,}"
    return Line(of="people", name="Customers counted", words=words)


def typed_line(text: str, people: Noisy) -> Line:
    """What many typed: about how many of them, for there is no list that they chose it from."""
    low, high = max(people.count - people.within, 0), people.count + people.within
    return Line(of=text, name=text, words=f"About {people.count:,} people, 97.5 % sure between {low:,} and {high:,}")


def place_words(place: Place) -> str:
    """`3rd`, or `3rd to 7th` where the noise does not tell them apart."""
    return ordinal(place.first) if place.first == place.last else f"{ordinal(place.first)} to {ordinal(place.last)}"


def ordinal(number: int) -> str:
    teen = 10 < number % 100 < 14  # noqa: PLR2004  # eleventh to thirteenth
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def months_of(quarter: Quarter) -> str:
    """`October to December 2026`."""
    return f"{' to '.join(_MONTHS[quarter.number])} {quarter.year}"
