"""What people asked about their data, and what came of it."""

from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Disclosure,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Reason,
    Source,
    Table,
    WithheldWhile,
)
from kalecart.privacy.subject import Part

# What is being looked into under a hold is not told while it is.
_WHILE_HELD: Final = WithheldWhile(
    holds="legal_hold.lifted_at IS NULL",
    reason=Reason.LEGAL,
    words="An obligation that we may not tell of while it lasts. Ask again once the hold is lifted.",
)


def _came_of_it(says: str, disclose: Disclosure | None = None) -> Personal:
    return Personal(
        says=says,
        category=Category.REQUESTS,
        source=Source.SHOP,
        retention="books",
        disclose=disclose or AsItIs(),
        erase=Erasure.KEPT,
    )


TABLES: Final = (
    Table(
        name="erasure",
        says="That you asked to be erased",
        columns={
            "id": Number(names="erasure"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "request_id": NotPersonal("a number of ours: of the request"),
            "begun_at": _came_of_it("Begun"),
            "ended_at": _came_of_it("Ended"),
            # Kept past the erasure on purpose, and emptied by whoever has told Stripe.
            "stripe_customer_id": _came_of_it("What Stripe calls you, until it has forgotten you"),
            "at_stripe_at": _came_of_it("Stripe has forgotten you"),
        },
    ),
    Table(
        name="erasure_wait",
        says="What an erasure waits for",
        key="erasure_id",
        columns={
            "erasure_id": Number(names="erasure", through=True),
            "kind": _came_of_it("What is in the way"),
            "subject_id": NotPersonal("a number of ours: of the order or the hold that is in the way"),
            "found_at": _came_of_it("Found"),
            "expected_until": _came_of_it("Expected to end"),
            "ended_at": _came_of_it("Over"),
        },
    ),
    Table(
        name="legal_hold",
        says="What the law obliges us to keep",
        acts=("placed_at",),
        did="Holds you placed",
        columns={
            "id": Number(names="legal_hold"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "ground": _came_of_it("Which obligation", _WHILE_HELD),
            "placed_by": Number(names="staff", part=Part.ACTOR),
            "placed_at": _came_of_it("Since"),
            "review_at": _came_of_it("Looked at again", _WHILE_HELD),
            "lifted_at": _came_of_it("Lifted"),
        },
    ),
    Table(
        name="retention_run",
        says="What was removed on time",
        columns={
            "id": Number(names="retention_run"),
            "rule": NotPersonal("a rule"),
            "ran_at": NotPersonal("when it was applied"),
            "gone": NotPersonal("a count"),
            "held": NotPersonal("a count"),
        },
    ),
)
