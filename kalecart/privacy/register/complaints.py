"""Complaints: what people wrote, what became of it, and who had it (C12, C13)."""

from dataclasses import replace
from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Disclosure,
    Erasure,
    NotPersonal,
    Number,
    Opened,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part


def _case(
    says: str,
    *,
    source: Source = Source.SHOP,
    disclose: Disclosure | None = None,
    erase: Erasure = Erasure.KEPT,
) -> Personal:
    return Personal(
        says=says,
        category=Category.REQUESTS,
        source=source,
        retention="complaints",
        disclose=disclose or AsItIs(),
        erase=erase,
    )


def _sealed(says: str, source: Source = Source.PERSON) -> Personal:
    return _case(says, source=source, disclose=Opened(), erase=Erasure.SHREDDED)


_CODE: Final = Described("A code that we sent you. With the number it opens the page of your complaint.")
_ADDED: Final = Opened(
    unless="kind = 'scan'",
    words="A scan of your letter, sealed. Write to us for a copy, with the number of your complaint.",
)
_LADDER: Final = "who is told of complaints and when, the same for all"

TABLES: Final = (
    Table(
        name="complaint",
        says="Your complaints",
        acts=("channel", "recorded_at"),
        did="Complaints you wrote down or handle",
        columns={
            "id": Number(names="complaint"),
            "number": _case("Number"),
            "channel": _case("How it reached us"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "code_sealed": _case("Code", disclose=_CODE, erase=Erasure.SHREDDED),
            "code_hash": _case("Code", disclose=_CODE, erase=Erasure.RANDOM),
            "text_sealed": _sealed("What you wrote"),
            "postal_sealed": _sealed("Where to write to"),
            "received_at": _case("Received"),
            "recorded_at": _case("Written down"),
            "due_at": _case("To be answered before"),
            "entered_by": Number(names="staff", part=Part.ACTOR),
            "handler_id": Number(names="staff", part=Part.ACTOR),
            "against": Number(names="staff", part=Part.OTHER),
            "previous_id": Number(names="complaint"),
            "specifics_asked_at": _case("When we asked for specifics"),
            "answered_at": _case("Answered"),
            "on_paper": _case("Whether we write to you on paper"),
            "acknowledged_at": _case("When we posted that we have it"),
            "acknowledged_by": Number(names="staff", part=Part.ACTOR),
            "explanation_sealed": _sealed("Why it was late", Source.STAFF),
            "explained_at": _case("When that was explained"),
            "look_at": NotPersonal("when the clock looks at it again"),
        },
    ),
    Table(
        name="complaint_concern",
        says="The concerns you named",
        columns={
            "id": Number(names="complaint_concern"),
            "complaint_id": Number(names="complaint", through=True),
            "position": NotPersonal("counts them"),
            "text_sealed": _sealed("A concern"),
        },
    ),
    Table(
        name="complaint_addition",
        says="What was added to your complaints",
        acts=("kind", "added_at"),
        did="What you added to complaints",
        columns={
            "id": Number(names="complaint_addition"),
            "complaint_id": Number(names="complaint", through=True),
            "kind": _case("What it is"),
            "content_sealed": _case("What was added", source=Source.PERSON, disclose=_ADDED, erase=Erasure.SHREDDED),
            "added_by": Number(names="staff", part=Part.ACTOR),
            "added_at": _case("When"),
        },
    ),
    Table(
        name="complaint_assignment",
        says="Who looked into your complaints",
        acts=("at",),
        did="Complaints that you were given, or gave to somebody",
        columns={
            "id": Number(names="complaint_assignment"),
            "complaint_id": Number(names="complaint", through=True),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "assigned_by": Number(names="staff", part=Part.ACTOR),
            "at": _case("From when on"),
        },
    ),
    Table(
        name="complaint_answer",
        says="What we answered",
        acts=("signed_at",),
        did="Answers to complaints that you signed",
        columns={
            "id": Number(names="complaint_answer"),
            "complaint_id": Number(names="complaint", through=True),
            "findings_sealed": _sealed("What we found", Source.STAFF),
            "steps_sealed": _sealed("The steps we take", Source.STAFF),
            "channel": _case("By e-mail or by post"),
            "signed_by": Number(names="staff", part=Part.ACTOR),
            "signed_at": _case("Signed"),
            "sent_at": _case("Sent"),
            "bounced_at": _case("Came back"),
        },
    ),
    Table(
        name="complaint_step",
        says="Who was told that your complaint was waiting",
        key="complaint_id",
        columns={
            "complaint_id": Number(names="complaint", through=True),
            "step": _case("Which step"),
            "due_at": _case("When it was due"),
            "happened_at": _case("When it happened"),
            "told": replace(_case("Which members of our staff were told"), part=Part.OTHER),
        },
    ),
    Table(
        name="complaint_ladder",
        says="The steps of escalation",
        acts=("made_at",),
        did="Steps of escalation that you set",
        columns={
            "id": Number(names="complaint_ladder"),
            "steps": NotPersonal(_LADDER),
            "made_by": Number(names="staff", part=Part.ACTOR),
            "made_at": NotPersonal(_LADDER),
        },
    ),
)
