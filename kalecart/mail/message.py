"""A message to a person and the arrows along which it may move.

    waiting ──▶ sending ──▶ sent
     │  ▲ │      │ │ │        ▲
     │  │ │      │ │ └▶ unknown
     │  └─┼──────┘ ▼
     │    └────▶ failed          held
     └▶ unneeded, held

`sending` is written when the mail server has agreed to take the message and before it is given the text: from then on
it may have arrived. Whoever finds a message in that state does not send it again (E39).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.ids import CorrespondentId, CustomerId, OrderId, StaffId
from kalecart.jobs import MailKind

# A mail server may be away for a weekend; after that the news is old.
KEEP_TRYING: Final = timedelta(days=3)
# When staff are told that mail does not go out.
TELL_AFTER: Final = timedelta(minutes=15)


class MailState(StrEnum):
    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNNEEDED = "unneeded"


TRANSITIONS: Final[Mapping[MailState, frozenset[MailState]]] = {
    MailState.WAITING: frozenset({MailState.SENDING, MailState.FAILED, MailState.HELD, MailState.UNNEEDED}),
    MailState.SENDING: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED, MailState.UNKNOWN}),
    # The run that handed it over may be slow, and know in the end.
    MailState.UNKNOWN: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED}),
    MailState.HELD: frozenset(),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset(),
    MailState.UNNEEDED: frozenset(),
}


def sources(state: MailState) -> list[str]:
    """From where a message may come to a state."""
    return [str(before) for before, after in TRANSITIONS.items() if state in after]


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is kept of a message: whom and what it is about, how far it is. Neither its address nor its words.

    It is for exactly one: a customer, a member of staff, or somebody without an account.
    """

    id: UUID
    kind: MailKind
    subject_id: UUID
    occasion: str
    customer_id: CustomerId | None
    staff_id: StaffId | None
    correspondent_id: CorrespondentId | None
    order_id: OrderId | None
    state: MailState
    attempts: int
    due_at: datetime

    @property
    def person_id(self) -> UUID:
        whom = self.customer_id or self.staff_id or self.correspondent_id
        assert whom is not None
        return whom

    def overdue(self, now: datetime) -> bool:
        return now >= self.due_at + TELL_AFTER

    def expired(self, now: datetime) -> bool:
        return now >= self.due_at + KEEP_TRYING
