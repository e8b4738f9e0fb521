"""The queue in words for staff."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from kalecart.tending.act import Act
from kalecart.tending.task_filter import Lane

LANES: Final[Mapping[Lane, str]] = {
    Lane.DUE: "Due",
    Lane.LATER: "For later",
    Lane.RETRYING: "Retrying",
    Lane.RUNNING: "Running",
    Lane.DEAD: "Given up",
    Lane.DONE: "Done",
    Lane.DISCARDED: "Discarded",
}
ACTS: Final[Mapping[Act, tuple[str, str]]] = {Act.RETRY: ("Retry", "retried"), Act.DISCARD: ("Discard", "discarded")}
LINES: Final[Mapping[str, str]] = {
    "task_retried": "Retried by staff",
    "task_discarded": "Discarded by staff",
}

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def topic_words(topic: str) -> str:
    """`charge_order` as people read it."""
    return topic.replace("_", " ").capitalize()


def lasting(span: timedelta) -> str:
    """`3 minutes`: the largest unit that fits, because nobody acts on the rest."""
    seconds = max(int(span.total_seconds()), 0)
    for length, unit in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
