"""What goes wrong with the machines in a year, and when: drawn from the seed, before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

HOUR: Final = timedelta(hours=1)


class Trouble(StrEnum):
    """`DARK` is the whole shop, web included: nobody stands in for anybody."""

    ONE_SCHEDULER = "one scheduler down"
    SCHEDULERS = "both schedulers down"
    WORKERS = "workers down"
    DARK = "everything down"
    POST = "mail server away"
    MAILBOX = "mailbox away"
    BEHIND = "a clock steps back"
    AHEAD = "a clock runs ahead"


DOWN: Final = {
    Trouble.SCHEDULERS: frozenset({"north", "south"}),
    Trouble.WORKERS: frozenset({"worker", "privacy", "analytics"}),
    Trouble.DARK: frozenset({"north", "south", "worker", "privacy", "analytics", "web"}),
}
# How often in a hundred days, and for how long at the most.
OFTEN: Final = {
    Trouble.ONE_SCHEDULER: (3, 40 * HOUR),
    Trouble.SCHEDULERS: (3, 72 * HOUR),
    Trouble.WORKERS: (2, 8 * HOUR),
    Trouble.DARK: (1, 40 * HOUR),
    Trouble.POST: (2, 2 * HOUR),
    Trouble.BEHIND: (2, 30 * HOUR),
    Trouble.AHEAD: (1, 20 * HOUR),
    Trouble.MAILBOX: (2, 30 * HOUR),
}
WORKERS: Final = ("worker", "privacy")


@dataclass(frozen=True, kw_only=True)
class Outage:
    """`whom` are the processes that are down or whose clock is off, by `off`."""

    trouble: Trouble
    begins: datetime
    ends: datetime
    whom: frozenset[str] = frozenset()
    off: timedelta = timedelta()

    def over(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


def planned(start: datetime, days: int, *, seed: int) -> Sequence[Outage]:
    """In the order in which they begin. None in the first two days, and none under way at the end."""
    chance = Random(f"{seed}:outages")
    room = max(days - 4, 0)
    found = []
    for trouble, (often, longest) in OFTEN.items():
        # Short years have some of each all the same.
        for _ in range(max(round(often * days / 100), 1) if room else 0):
            begins = start + timedelta(days=2) + timedelta(seconds=chance.randrange(room * 86_400))
            lasts = timedelta(seconds=chance.randrange(600, int(longest.total_seconds())))
            ends = min(begins + lasts, start + timedelta(days=days - 1))
            whom, off = _drawn(trouble, chance)
            if begins < ends:
                found.append(Outage(trouble=trouble, begins=begins, ends=ends, whom=whom, off=off))
    return sorted(found, key=lambda outage: outage.begins)


def _drawn(trouble: Trouble, chance: Random) -> tuple[frozenset[str], timedelta]:
    if trouble is Trouble.BEHIND:
        whom = chance.choice(("north", "south", *WORKERS))
        return frozenset({whom}), -timedelta(seconds=chance.randrange(5, 3 * 3_600))
    if trouble is Trouble.AHEAD:
        # Of a worker that runs ahead nobody could tell that it is wrong to call a complaint late.
        return frozenset({chance.choice(("north", "south"))}), timedelta(seconds=chance.randrange(60, 3 * 3_600))
    if trouble is Trouble.ONE_SCHEDULER:
        return frozenset({chance.choice(("north", "south"))}), timedelta()
    return DOWN.get(trouble, frozenset()), timedelta()
