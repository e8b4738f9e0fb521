"""A file of released figures for people outside the shop: what may be asked for, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.ids import StaffId

# What the audit trail calls one.
SUBJECT: Final = "figures_export"
# How long a file can be fetched; it can be made again at any time, with the same figures.
KEPT: Final = timedelta(days=30)
# As many as one file may hold; the database knows the same number.
RELEASES_MAX: Final = 100


class Format(StrEnum):
    """What a file is written as. The database knows the same ones."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"

    @property
    def media(self) -> str:
        return _MEDIA[self]


_MEDIA: Final = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}


class Progress(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Export:
    """`releases` are their keys. `lines`, `size_bytes` and `sha256` are None until it is made; `refused` is a code."""

    id: UUID
    releases: Sequence[str]
    format: Format
    asked_by: StaffId
    asked_at: datetime
    expires_at: datetime
    made_at: datetime | None
    refused: str | None
    lines: int | None
    size_bytes: int | None
    sha256: bytes | None

    def progress(self, now: datetime) -> Progress:
        if self.refused is not None:
            return Progress.REFUSED
        if now >= self.expires_at:
            return Progress.EXPIRED
        return Progress.READY if self.made_at is not None else Progress.WAITING

    @property
    def name(self) -> str:
        """What the file is called where it is kept."""
        return f"kalecart-figures-{self.asked_at:%Y-%m-%d}-{str(self.id)[-6:]}.{self.format}"
