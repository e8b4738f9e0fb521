"""A sheet of people somebody wants to bring in: which of its lines do not say that the person agreed (C4)."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Final

SOURCE: Final = "consent_source"
DAY: Final = "consented_on"


def lines_without_consent(content: bytes, *, today: date) -> Sequence[int]:
    """Numbers of the lines that lack where consent was given or on which day, which is not to come; the heading is
    line 1. What cannot be read as a sheet lacks everything from its first line on.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return [1]
    if not rows:
        return [1]
    return [number for number, row in enumerate(rows, start=2) if not _consented(row, today)]


def _consented(row: dict[str, str | None], today: date) -> bool:
    try:
        day = date.fromisoformat((row.get(DAY) or "").strip())
    except ValueError:
        return False
    return bool((row.get(SOURCE) or "").strip()) and day <= today
