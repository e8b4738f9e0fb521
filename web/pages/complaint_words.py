"""Complaints, in words for whoever made one."""

from collections.abc import Mapping
from typing import Final

from kalecart.complaints.complaint import Standing

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.ON_TIME: "Being looked into",
    Standing.NEAR: "Being looked into",
    Standing.DUE_TODAY: "To be answered today",
    Standing.BREACHED: "Late",
    Standing.ANSWERED: "Answered",
}
# What a timeline tells the person; steps that tell staff among themselves are left out.
EVENTS: Final[Mapping[str, str]] = {
    "received": "Your complaint reached us",
    "acknowledged": "We posted that we have it",
    "assigned": "Somebody looks into it",
    "added": "Something was added",
    "answered": "Our answer went out",
    "bounced": "Our answer came back: we try another way",
    "explained": "We said why it was late",
    "breach": "The thirty days were over without an answer",
}
