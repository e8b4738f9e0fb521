"""What people answered of their own accord, under pseudonyms (C6)."""

from typing import Final

from kalecart.consent.purpose import Purpose
from kalecart.privacy.register.entry import AsItIs, Category, Erasure, NotPersonal, Number, Personal, Source, Table
from kalecart.privacy.subject import Part


def _answered(says: str, source: Source = Source.PERSON) -> Personal:
    return Personal(
        says=says,
        category=Category.ANSWERS,
        source=source,
        retention="answers",
        disclose=AsItIs(),
        erase=Erasure.DELETED,
        purpose=Purpose.ADDITIONAL_INFORMATION,
    )


_ASKED: Final = "a question the shop asks everybody alike"
_WINDOW: Final = "a view of other tables, where it is classified: it holds nothing itself"

TABLES: Final = (
    Table(
        name="survey",
        says="What the shop asks, and when",
        acts=("title", "composed_at"),
        did="Surveys you composed",
        columns={
            "id": Number(names="survey"),
            "title": NotPersonal(_ASKED),
            "state": NotPersonal(_ASKED),
            "opens_on": NotPersonal(_ASKED),
            "closes_on": NotPersonal(_ASKED),
            "quarter": NotPersonal(_ASKED),
            "composed_by": Number(names="staff", part=Part.ACTOR),
            "composed_at": NotPersonal(_ASKED),
            "closed_at": NotPersonal(_ASKED),
        },
    ),
    Table(
        name="survey_question",
        says="Questions of a survey",
        columns={
            "id": Number(names="survey_question"),
            "survey_id": Number(names="survey"),
            "position": NotPersonal(_ASKED),
            "kind": NotPersonal(_ASKED),
            "words": NotPersonal(_ASKED),
            "why": NotPersonal(_ASKED),
            "choices": NotPersonal(_ASKED),
        },
    ),
    Table(
        name="survey_answer",
        says="What you answered when we asked about your household and habits",
        key="pseudonym",
        columns={
            "pseudonym": Number(names="pseudonym", through=True),
            "question_id": Number(names="survey_question"),
            "asked": _answered("What we asked", Source.SHOP),
            "value": _answered("Your answer; to a sensitive question, what chance made of it"),
        },
    ),
    Table(
        name="survey_reminder",
        says="Surveys of which you are not reminded any more",
        columns={
            "id": Number(names="survey_reminder"),
            "survey_id": Number(names="survey"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "why": _answered("Whether you were reminded or skipped it", Source.SHOP),
            "made_at": _answered("When", Source.SHOP),
        },
    ),
    Table(
        name="answer_seen",
        says="What the worker who counts can see of answers",
        key="pseudonym",
        columns={
            "survey": NotPersonal(_WINDOW),
            "question": NotPersonal(_WINDOW),
            "pseudonym": NotPersonal(_WINDOW),
            "answer": NotPersonal(_WINDOW),
        },
    ),
)
