"""Requests about one's data, in words for whoever asked."""

from collections.abc import Mapping
from typing import Final

from kalecart.privacy.request import Kind, State

KINDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ACCESS: (
        "See everything you hold about me",
        "A report to read, and the same as data. It is usually there within a minute.",
    ),
    Kind.CORRECTION: (
        "Put something right that I cannot change myself",
        "Name, address and the rest you can change on your account page. For anything else we write to you.",
    ),
    Kind.ERASURE: (
        "Erase me",
        "Your account ends. What the law makes us keep is named, with the day it goes.",
    ),
    Kind.OPT_OUT: (
        "Leave me out of everything optional",
        "All choices that are not needed for delivery are switched off, at once.",
    ),
}
STATES: Final[Mapping[State, str]] = {
    State.UNVERIFIED: "Waiting to know that it is you",
    State.VERIFIED: "Being worked on",
    State.REVIEW: "Being looked at by a person",
    State.ANSWERED: "Answered",
    State.REFUSED: "Refused",
    State.JOINED: "Joined to one you had asked before",
    State.ERASED: "Closed, because you were erased",
}
ASKED: Final = "We have your request. Its answer appears here, and we write to you."
