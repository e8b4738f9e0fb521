"""The arrows along which a payment and its tries may move. Every statement that moves one holds to these tables.

A payment intent moves to the right, except that a declined one, or one whose customer does not confirm, is tried again:

    begun ──▶ created ──▶ action_needed ──▶ processing ──▶ succeeded
               ▲  │           │    │              │
               │  ▼           ▼    │              ▼
               ├─ declined ◀──┴────│──────────────┘         canceled
               └───────────────────┘

From anywhere it may go to `succeeded`, whatever was thought of it before: money that moved is a fact. Only a success is
final; a payment can be cancelled for as long as it is none.

    open ──▶ unknown ──▶ declined, canceled ──▶ succeeded

A try whose answer never came is `unknown`. One that had ended otherwise succeeds where its customer confirmed it after
all.
"""

from collections.abc import Mapping
from typing import Final

Arrows = Mapping[str, frozenset[str]]

INTENT: Final[Arrows] = {
    "begun": frozenset({"created", "succeeded", "canceled"}),
    "created": frozenset({"action_needed", "processing", "declined", "succeeded", "canceled"}),
    "action_needed": frozenset({"created", "processing", "declined", "succeeded", "canceled"}),
    "processing": frozenset({"declined", "succeeded", "canceled"}),
    "declined": frozenset({"created", "succeeded", "canceled"}),
    "canceled": frozenset({"succeeded"}),
    "succeeded": frozenset(),
}
ATTEMPT: Final[Arrows] = {
    "open": frozenset({"unknown", "succeeded", "declined", "canceled"}),
    "unknown": frozenset({"succeeded", "declined", "canceled"}),
    "declined": frozenset({"succeeded"}),
    "canceled": frozenset({"succeeded"}),
    "succeeded": frozenset(),
}
# Tries that may still move money.
OPEN: Final = ("open", "unknown")


class NoSuchArrow(Exception):
    """A payment was to move along no arrow: whoever asked for it did not hold its order's lock."""


def sources(arrows: Arrows, state: str) -> list[str]:
    """From where one may come to a state."""
    return [before for before, after in arrows.items() if state in after]


def listed(states: list[str] | tuple[str, ...]) -> str:
    """As SQL writes them."""
    return ", ".join(f"'{state}'" for state in states)
