"""Jobs that draw noise: what the calendar and staff ask about many. `kalecart.jobs` has the list of all kinds."""

from dataclasses import dataclass
from uuid import UUID

from kalecart.ids import SurveyId
from kalecart.job import Job


@dataclass(frozen=True, kw_only=True)
class ReleaseQuarter(Job):
    """Release the figures of a quarter whose days are all counted (C6). `quarter` is its text, `2026-Q4`."""

    topic = "release_quarter"
    queue = "analytics"
    quarter: str


@dataclass(frozen=True, kw_only=True)
class AnswerShare(Job):
    """Answer what staff asked and paid for: `question` is the key of its release."""

    topic = "answer_share"
    queue = "analytics"
    question: str


@dataclass(frozen=True, kw_only=True)
class ReleaseSurvey(Job):
    """Release the answers to a survey that is closed (C6)."""

    topic = "release_survey"
    queue = "analytics"
    survey_id: SurveyId


@dataclass(frozen=True, kw_only=True)
class MakeExport(Job):
    """Write a file of released figures for somebody outside the shop."""

    topic = "make_export"
    queue = "analytics"
    export_id: UUID
