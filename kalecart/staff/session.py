"""How long a log-in at the console lasts: a working day, and not longer than somebody uses it (C8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

# Staff see other people's details, so their log-ins do not last as long as a shopper's.
STAFF_SESSION_TTL: Final = timedelta(hours=12)
IDLE_MAX: Final = timedelta(minutes=30)
# That somebody is there is written down at most so often.
SEEN_EVERY: Final = timedelta(minutes=1)


class Proof(StrEnum):
    """What a log-in was let in by. A passkey stands for itself: its owner proved to it who they are."""

    PASSWORD = "password"  # noqa: S105  # not one
    CODE = "code"
    PASSKEY = "passkey"
    RECOVERY = "recovery"

    @property
    def second(self) -> bool:
        """Whether a password that somebody else knows would not have been enough."""
        return self is not Proof.PASSWORD

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {
    Proof.PASSWORD: "password alone",
    Proof.CODE: "password and one-time code",
    Proof.PASSKEY: "passkey",
    Proof.RECOVERY: "password and recovery code",
}


@dataclass(frozen=True, kw_only=True)
class Session:
    """One log-in. `last_seen_at` is up to a minute old."""

    id: UUID
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    proof: Proof

    @property
    def ends_at(self) -> datetime:
        """If nobody uses it again."""
        return min(self.expires_at, self.last_seen_at + IDLE_MAX)

    def ended(self, now: datetime) -> bool:
        return now >= self.ends_at

    def to_note(self, now: datetime) -> bool:
        """Whether a use at this instant is to be written down."""
        return now - self.last_seen_at >= SEEN_EVERY
