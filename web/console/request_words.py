"""Requests about people's data, in words for staff."""

from collections.abc import Mapping
from typing import Final

from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Channel, Kind, State

KINDS: Final[Mapping[Kind, str]] = {
    Kind.ACCESS: "See what we hold",
    Kind.CORRECTION: "Put something right",
    Kind.ERASURE: "Be erased",
    Kind.OPT_OUT: "Opt out",
}
CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.ACCOUNT: "Account page",
    Channel.WEB: "Public page",
    Channel.MAIL: "E-mail",
    Channel.POST: "Post",
    Channel.AGENT: "An agent",
}
STATES: Final[Mapping[State, str]] = {
    State.UNVERIFIED: "Who is it?",
    State.VERIFIED: "In work",
    State.REVIEW: "To be reviewed",
    State.ANSWERED: "Answered",
    State.REFUSED: "Refused",
    State.JOINED: "Joined to another",
    State.ERASED: "Closed: erased",
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.OTHER_INDIVIDUAL: "It is about somebody else",
    Reason.LEGAL: "A law or an open case",
    Reason.SECURITY: "Somebody’s security",
    Reason.PROPRIETARY: "It belongs to somebody else",
    Reason.COST: "Cost (the manager’s signature, told before)",
}
LINES: Final[Mapping[str, str]] = {
    "request_received": "Received",
    "request_checked": "Who it is was checked",
    "request_stage": "Deadline noticed",
    "package_made": "Package made",
    "request_released": "Released",
    "request_refused": "Refused",
    "request_cost_told": "Cost told",
    "package_downloaded": "Downloaded",
    "package_refused": "A link or code opened nothing",
}
