"""Complaints, in words for staff."""

from collections.abc import Mapping
from typing import Final

from kalecart.complaints.complaint import Channel, Standing
from kalecart.complaints.ladder import Told

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.ON_TIME: "On time",
    Standing.NEAR: "Near",
    Standing.DUE_TODAY: "Due today",
    Standing.BREACHED: "Late",
    Standing.ANSWERED: "Answered",
}
CHANNELS: Final[Mapping[Channel, str]] = {Channel.WEB: "Web", Channel.MAIL: "E-mail", Channel.POST: "Post"}
TOLD: Final[Mapping[Told, str]] = {
    Told.HANDLER: "whoever handles it",
    Told.ADMINISTRATOR: "the privacy administrator",
    Told.MANAGER: "the manager",
}
EVENTS: Final[Mapping[str, str]] = {
    "received": "Received",
    "acknowledged": "Acknowledgement posted",
    "assigned": "Handed on",
    "added": "The person added something",
    "signed": "Answer signed",
    "answered": "Answer went out",
    "bounced": "Answer came back",
    "explained": "Lateness explained",
    "breach": "The thirty days were over",
}


def event_words(what: str) -> str:
    """A step of escalation is named by its day."""
    if what in EVENTS:
        return EVENTS[what]
    kind, _, number = what.partition("_")
    return f"Day {number}" if kind == "day" else f"{int(number) + 1} days late"
