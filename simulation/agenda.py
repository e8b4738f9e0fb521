"""What is going to happen, in its order: who acts at the same instant acts in the order in which it was planned."""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

Act = Callable[[], Awaitable[None]]


@dataclass(order=True)
class _Planned:
    at: datetime
    turn: int
    act: Act = field(compare=False)


@dataclass
class Agenda:
    _planned: list[_Planned] = field(default_factory=list)
    _turns: count = field(default_factory=count)

    def plan(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._planned, _Planned(at, next(self._turns), act))

    @property
    def next_at(self) -> datetime | None:
        return self._planned[0].at if self._planned else None

    def due(self, now: datetime) -> Act | None:
        """The next act whose time has come, and never again."""
        if self._planned and self._planned[0].at <= now:
            return heapq.heappop(self._planned).act
        return None
