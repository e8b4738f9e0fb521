"""Which tasks: what a list shows, and what an act on all of them means."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Lane(StrEnum):
    """Where a task is, as people see it: `pending` is three things to somebody who waits."""

    DUE = "due"
    LATER = "later"
    RETRYING = "retrying"
    RUNNING = "running"
    DEAD = "dead"
    DONE = "done"
    DISCARDED = "discarded"


# What a topic's depth is made of; the rest is history.
OPEN_LANES: Final = (Lane.DUE, Lane.LATER, Lane.RETRYING, Lane.RUNNING, Lane.DEAD)


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """`q` is a task's id, or any id among its arguments."""

    lane: Lane | None = None
    topic: str | None = None
    q: str | None = None
