"""Requests about people's data, in words for staff."""

from collections.abc import Mapping
from typing import Final

from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Channel, Kind, State
from kalecart.privacy.restriction import Ground, Step

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
GROUNDS: Final[Mapping[Ground, str]] = {
    Ground.COST: "Finding it costs out of proportion (needs an estimate and the manager’s signature)",
    Ground.OPEN_DISPUTE: "A dispute that is open: what we answer the bank with",
    Ground.LEGAL_HOLD: "A hold that is on: the case asks for it",
    Ground.LAW: "A law forbids handing it over",
    Ground.SOMEBODY_ELSE: "It tells of somebody else",
    Ground.MISUSE: "It would show how misuse is noticed",
    Ground.PARTNER: "It belongs to a partner",
}
STEPS: Final[Mapping[Step, str]] = {
    Step.DECIDED: "Kept back",
    Step.PROPOSED: "Told what it would cost",
    Step.ACCEPTED: "They let us leave it out",
    Step.NARROWED: "They ask for the last twelve months",
    Step.SIGNED: "Kept back, signed",
    Step.LIFTED: "Handed over after all",
}
LINES: Final[Mapping[str, str]] = {
    "request_received": "Received",
    "request_checked": "Who it is was checked",
    "request_unproved": "Closed: nobody showed who they are",
    "request_stage": "Deadline noticed",
    "package_made": "Package made",
    "request_released": "Released",
    "request_refused": "Refused",
    "request_cost_told": "Cost told",
    "restriction_decided": "Something is kept back",
    "restriction_proposed": "Something would cost too much; told so",
    "restriction_accepted": "They let us leave it out",
    "restriction_narrowed": "They ask for less of it",
    "restriction_signed": "Signed by the manager",
    "restriction_lifted": "Handed over after all",
    "package_remade": "Package made again",
    "package_downloaded": "Downloaded",
    "package_refused": "A link or code opened nothing",
}
