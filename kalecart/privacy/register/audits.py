"""Reviews of what staff may do, and audits: what was decided about somebody who works here, and what they did (C8)."""

from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part

_OF_THE_SHOP: Final = "about the shop's safeguards; whoever writes it is asked to name nobody"
_WHEN: Final = "when the shop looked at itself; who did so is told when"
_QUARTER: Final = "a quarter of the calendar, the same for all"


def _decided(says: str, source: Source = Source.SHOP) -> Personal:
    return Personal(
        says=says,
        category=Category.IDENTITY,
        source=source,
        retention="books",
        disclose=AsItIs(),
        erase=Erasure.KEPT,
    )


TABLES: Final = (
    Table(
        name="access_review",
        says="Reviews of who may do what",
        columns={
            "id": Number(names="access_review"),
            "quarter": NotPersonal(_QUARTER),
            "opened_at": NotPersonal(_QUARTER),
            "due_at": NotPersonal(_QUARTER),
        },
    ),
    Table(
        name="access_review_line",
        says="What was decided about what you may do here",
        acts=("kind", "what", "outcome", "decided_at"),
        did="What you decided in reviews",
        columns={
            "id": Number(names="access_review_line"),
            "review_id": Number(names="access_review"),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "kind": _decided("A role, or a designation"),
            "what": _decided("Which"),
            "outcome": _decided("What became of it", Source.STAFF),
            "decided_by": Number(names="staff", part=Part.ACTOR),
            "decided_at": _decided("When"),
        },
    ),
    Table(
        name="audit_plan",
        says="Audits that are planned",
        acts=("made_at",),
        did="Audits that you planned, or that you are to hold",
        columns={
            "id": Number(names="audit_plan"),
            "key": NotPersonal("names a plan every shop begins with"),
            "title": NotPersonal(_OF_THE_SHOP),
            "clauses": NotPersonal("promises of the policy"),
            "months": NotPersonal("how often"),
            "planned_on": NotPersonal("from when on"),
            "auditor_id": Number(names="staff", part=Part.ACTOR),
            "stopped_at": NotPersonal("when it was stopped"),
            "made_by": Number(names="staff", part=Part.ACTOR),
            "made_at": NotPersonal(_WHEN),
        },
    ),
    Table(
        name="audit_held",
        says="Audits that were held",
        acts=("held_on", "recorded_at"),
        did="Audits that you held",
        columns={
            "id": Number(names="audit_held"),
            "plan_id": Number(names="audit_plan"),
            "held_on": NotPersonal(_WHEN),
            "held_by": Number(names="staff", part=Part.ACTOR),
            "recorded_at": NotPersonal(_WHEN),
            "result": NotPersonal(_OF_THE_SHOP),
        },
    ),
    Table(
        name="audit_finding",
        says="What audits found",
        acts=("found_at", "mended_at", "closed_at"),
        did="What you found, put right or closed",
        columns={
            "id": Number(names="audit_finding"),
            "audit_id": Number(names="audit_held"),
            "clause": NotPersonal("a promise of the policy"),
            "severity": NotPersonal("how bad it is"),
            "words": NotPersonal(_OF_THE_SHOP),
            "follow_up_by": NotPersonal("by when it is put right"),
            "found_by": Number(names="staff", part=Part.ACTOR),
            "found_at": NotPersonal(_WHEN),
            "state": NotPersonal("where it is"),
            "mended_by": Number(names="staff", part=Part.ACTOR),
            "mended_at": NotPersonal(_WHEN),
            "mended_how": NotPersonal(_OF_THE_SHOP),
            "closed_by": Number(names="staff", part=Part.ACTOR),
            "closed_at": NotPersonal(_WHEN),
        },
    ),
)
