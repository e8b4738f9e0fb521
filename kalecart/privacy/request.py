"""What a person asks about their own data, and the arrows along which a request moves (C10, C11).

    unverified ──▶ verified ──▶ review ──▶ answered
        │  │           │           └────▶ refused
        │  │           ├────────▶ answered, refused
        │  └▶ answered │
        └▶ joined, refused

From wherever it is open, erasing its person closes it: erased.

No state is stored. Each arrow is an instant on the request's row, and the state follows from which are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kalecart.deadline import days_left
from kalecart.errors import Conflict, Refused
from kalecart.ids import CorrespondentId, CustomerId, RequestId, StaffId
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.subject import Person, person_named


class Kind(StrEnum):
    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OPT_OUT = "opt_out"

    @property
    def needs_proof(self) -> bool:
        """Not sharing less needs nobody's permission: an opt-out is done for whoever asks (C6)."""
        return self is not Kind.OPT_OUT

    @property
    def made_by_worker(self) -> bool:
        """A correction is somebody's work; the rest ends by itself."""
        return self is not Kind.CORRECTION


class Channel(StrEnum):
    """How it reached the shop. `account` is somebody who is logged in, at the shop or at the console; `web` the public
    page."""

    ACCOUNT = "account"
    WEB = "web"
    MAIL = "mail"
    POST = "post"
    AGENT = "agent"


class State(StrEnum):
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    REVIEW = "review"
    ANSWERED = "answered"
    REFUSED = "refused"
    JOINED = "joined"
    ERASED = "erased"


class Level(StrEnum):
    """How much the person proved enough for: what kinds of data are kept, or the data themselves."""

    CATEGORIES = "categories"
    SPECIFICS = "specifics"


ARROWS: Final[Mapping[State, frozenset[State]]] = {
    State.UNVERIFIED: frozenset({State.VERIFIED, State.ANSWERED, State.REFUSED, State.JOINED, State.ERASED}),
    State.VERIFIED: frozenset({State.REVIEW, State.ANSWERED, State.REFUSED, State.ERASED}),
    State.REVIEW: frozenset({State.ANSWERED, State.REFUSED, State.ERASED}),
    State.ANSWERED: frozenset(),
    State.REFUSED: frozenset(),
    State.JOINED: frozenset(),
    State.ERASED: frozenset(),
}

# The instant that says that a request came to a state; where several are there, the last in this order counts.
INSTANTS: Final[Mapping[State, str]] = {
    State.VERIFIED: "verified_at",
    State.REVIEW: "review_at",
    State.ANSWERED: "answered_at",
    State.REFUSED: "refused_at",
    State.JOINED: "joined_at",
    State.ERASED: "erased_at",
}
# The alert about a package that lacks a source.
INCOMPLETE: Final = "package_incomplete"
OPEN: Final = frozenset({State.UNVERIFIED, State.VERIFIED, State.REVIEW})


# By what somebody without a log-in proved who they are: with the code from their mailbox, or without.
BY_CODE: Final = "code"
BY_POINTS: Final = "points"


class RequestMovedOn(Conflict):
    """The request is further than this already."""


class CannotVerify(Refused):
    """We cannot tell that this is you."""


class NeedMore(CannotVerify):
    """That is not enough for this yet."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """It is about a customer, a member of staff, or whoever has the address that was given. `due_at` is the first
    instant too late."""

    id: RequestId
    kind: Kind
    channel: Channel
    customer_id: CustomerId | None
    received_at: datetime
    due_at: datetime
    level: Level | None = None
    proof: str | None = None
    tries: int = 0
    correspondent_id: CorrespondentId | None = None
    staff_id: StaffId | None = None
    permission_seen: bool = False
    code_until: datetime | None = None
    cost_cents: int | None = None
    cost_told_at: datetime | None = None
    refusal: Reason | None = None
    joined_id: RequestId | None = None
    verified_at: datetime | None = None
    review_at: datetime | None = None
    answered_at: datetime | None = None
    refused_at: datetime | None = None
    joined_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def person(self) -> Person:
        found = person_named(vars(self))
        assert found is not None
        return found

    @property
    def state(self) -> State:
        reached = [state for state, column in INSTANTS.items() if getattr(self, column) is not None]
        return reached[-1] if reached else State.UNVERIFIED

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def last_day(self) -> datetime:
        """An instant of the day by whose end it is to be answered."""
        return self.due_at - timedelta(hours=1)

    def overdue(self, now: datetime) -> bool:
        return self.open and now >= self.due_at

    def days_left(self, now: datetime) -> int:
        return days_left(self.due_at, now)

    def require_arrow(self, state: State) -> None:
        """Raise RequestMovedOn where there is no such arrow from here."""
        if state not in ARROWS[self.state]:
            raise RequestMovedOn(f"Request {self.id} is {self.state}.", state=str(self.state))
