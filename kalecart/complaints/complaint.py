"""A complaint about how personal information is handled or about the policy, and how near its answer is due (C12, C13).

How it stands is arithmetic over stored instants and now. No state is stored that could pause, vanish or be forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.customers.problems import Problems
from kalecart.deadline import DAYS, day_begins, days_left
from kalecart.errors import Conflict
from kalecart.ids import ComplaintId, CorrespondentId, CustomerId, StaffId

# The day from which a complaint counts as near its end.
NEAR_FROM_DAY: Final = 21
CONCERNS_MAX: Final = 20
CONCERN_LENGTH_MAX: Final = 2_000
TEXT_BYTES_MAX: Final = 100_000
PAPER_BYTES_MAX: Final = 10 * 1024 * 1024
# Of what comes with an e-mail, and of the whole of it.
FILES_MAX: Final = 20
WHOLE_BYTES_MAX: Final = 30 * 1024 * 1024
ADDITIONS_MAX: Final = 50
PART_LENGTH_MAX: Final = 20_000
POSTAL_LENGTH_MAX: Final = 500


class Channel(StrEnum):
    """How it reached the shop."""

    WEB = "web"
    MAIL = "mail"
    POST = "post"


class Standing(StrEnum):
    ON_TIME = "on_time"
    NEAR = "near"
    DUE_TODAY = "due_today"
    BREACHED = "breached"
    ANSWERED = "answered"


class ComplaintMovedOn(Conflict):
    """The complaint is further than this already."""


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """`due_at` is the first instant that is too late. `answered_at` is when the first answer that reached the person
    went out: an answer that came back is none (E86). `against` is the member of staff whom it is about, if it is.
    Letters to whoever is reached `on_paper` alone are printed; `acknowledged_at` is when the first of them was posted.
    """

    id: ComplaintId
    number: str
    channel: Channel
    customer_id: CustomerId | None
    correspondent_id: CorrespondentId | None
    received_at: datetime
    due_at: datetime
    handler_id: StaffId | None = None
    against: StaffId | None = None
    previous_id: ComplaintId | None = None
    specifics_asked_at: datetime | None = None
    answered_at: datetime | None = None
    explained_at: datetime | None = None
    on_paper: bool = False
    acknowledged_at: datetime | None = None

    @property
    def person_id(self) -> UUID:
        whom = self.customer_id or self.correspondent_id
        assert whom is not None
        return whom

    @property
    def open(self) -> bool:
        return self.answered_at is None

    @property
    def to_post(self) -> bool:
        """Whether its acknowledgement has to be printed and posted: an answer says all that it says."""
        return self.on_paper and self.open and self.acknowledged_at is None

    def standing(self, now: datetime) -> Standing:
        if self.answered_at is not None:
            return Standing.ANSWERED
        if now >= self.due_at:
            return Standing.BREACHED
        if now >= day_begins(self.due_at, DAYS):
            return Standing.DUE_TODAY
        return Standing.NEAR if now >= day_begins(self.due_at, NEAR_FROM_DAY) else Standing.ON_TIME

    def late(self, now: datetime) -> bool:
        """Whether the promise was broken, answered since or not: a breach stays visible."""
        return (self.answered_at or now) >= self.due_at

    def days_left(self, now: datetime) -> int:
        return days_left(self.due_at, now)

    @property
    def last_day(self) -> datetime:
        """An instant of the day by whose end it is to be answered."""
        return self.due_at - timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote: their concerns, one by one, and the rest of their letter."""

    concerns: Sequence[str] = field(repr=False)
    text: str = field(repr=False, default="")

    @property
    def specific(self) -> bool:
        """Whether it says what is wrong: if not, that is asked for once, and the clock runs (E83)."""
        return bool(self.concerns)

    @staticmethod
    def parse(concerns: Sequence[str], text: str) -> "Written":
        """Whatever is written is kept as text, whole, or refused with the limit. Raises Invalid."""
        problems = Problems()
        given = [concern.strip() for concern in concerns if concern.strip()]
        if not given and not text.strip():
            problems.refuse("/concerns", "Write down what your complaint is about.")
        if len(given) > CONCERNS_MAX:
            problems.refuse(
                "/concerns", f"Up to {CONCERNS_MAX} concerns fit here. Send the rest as a second complaint."
            )
        if any(len(concern) > CONCERN_LENGTH_MAX for concern in given):
            problems.refuse("/concerns", f"Each concern may have up to {CONCERN_LENGTH_MAX:,} characters.")
        if len(text.encode()) > TEXT_BYTES_MAX:
            problems.refuse("/text", f"It may have up to {TEXT_BYTES_MAX // 1000} kB. Send the rest as an addition.")
        if any("\0" in each for each in (*given, text)):
            problems.refuse("/text", "It holds a character that no text has.")
        problems.raise_any()
        return Written(concerns=tuple(given), text=text.strip())


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What an answer must say (C13): what was found, and the steps that are taken."""

    findings: str = field(repr=False)
    steps: str = field(repr=False)
    made: UUID | None = None

    @staticmethod
    def parse(findings: str, steps: str, made: UUID | None = None) -> "Findings":
        """`made` is the id the form gives it. Raises Invalid, naming each part that is missing."""
        problems = Problems()
        for pointer, part, what in (
            ("/findings", findings, "Say what you found."),
            ("/steps", steps, "Say which steps the shop takes to resolve it."),
        ):
            if not part.strip():
                problems.refuse(pointer, what)
            elif len(part) > PART_LENGTH_MAX:
                problems.refuse(pointer, f"It may have up to {PART_LENGTH_MAX:,} characters.")
        problems.raise_any()
        return Findings(findings=findings.strip(), steps=steps.strip(), made=made)
