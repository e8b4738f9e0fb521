"""A message as it lies in a mailbox, before anybody has read it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

# What is read of a message that is too large: its beginning, where the text is.
BEGINNING_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """`arrived_at` is when it reached the mailbox, where the mailbox says so, and `certain` that no sender has a say in
    that. `whole` tells whether all of the message is here."""

    name: str
    arrived_at: datetime | None
    certain: bool
    whole: bool
    content: bytes = field(repr=False)
