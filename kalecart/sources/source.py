"""What reached the shop about people without their consent: how it came, and how long it may be held (C4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from kalecart.ids import CorrespondentId

SourceId = NewType("SourceId", UUID)

CONTENT_BYTES_MAX: Final = 5 * 1024 * 1024
# Long enough to see from the record that the right thing was sealed; nobody reads it meanwhile.
HELD: Final = timedelta(days=7)


class Channel(StrEnum):
    """How it came."""

    MAIL = "mail"
    LETTER = "letter"
    FILE = "file"
    IMPORT = "import"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final = {
    Channel.MAIL: "By e-mail",
    Channel.LETTER: "On paper",
    Channel.FILE: "As a file",
    Channel.IMPORT: "As an import that was refused",
}


@dataclass(frozen=True, kw_only=True)
class Unconsented:
    """What is kept of one: when and how it came, from whom, how big it was. Not what it says."""

    id: SourceId
    channel: Channel
    sender_id: CorrespondentId | None
    received_at: datetime
    recorded_at: datetime
    size_bytes: int
    destroy_by: datetime
    destroyed_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        return self.destroyed_at is None and self.destroy_by < now
