"""What people ask about their own data, and what they got."""

from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Disclosure,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part


def _asked(
    says: str,
    *,
    source: Source = Source.SHOP,
    disclose: Disclosure | None = None,
    erase: Erasure = Erasure.KEPT,
    retention: str = "requests",
) -> Personal:
    return Personal(
        says=says,
        category=Category.REQUESTS,
        source=source,
        retention=retention,
        disclose=disclose or AsItIs(),
        erase=erase,
    )


_CODE: Final = Described("A code that we sent you, so that we know who asks. It opens nothing once it is used.")
_LINK: Final = Described("A link is kept as the hash of a random number, and opens once.")
_PROGRESS: Final = NotPersonal("how far a worker is")
_ITEMS: Final = {"what": "the name of a column", "reason": "one of the five reasons", "count": "how many"}

TABLES: Final = (
    Table(
        name="privacy_request",
        says="What you asked us about your data",
        acts=("kind", "channel", "recorded_at"),
        did="Other people's requests that you wrote down",
        columns={
            "id": Number(names="privacy_request"),
            "kind": _asked("What you asked for", source=Source.PERSON),
            "channel": _asked("How it reached us"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "entered_by": Number(names="staff", part=Part.ACTOR),
            "received_at": _asked("Received"),
            "recorded_at": _asked("Written down"),
            "due_at": _asked("To be answered before"),
            "level": _asked("How much you proved enough for"),
            "proof": _asked("How you proved who you are"),
            "tries": _asked("How often that did not succeed"),
            "code_sealed": _asked("Code", disclose=_CODE, erase=Erasure.EMPTIED, retention="codes"),
            "code_until": _asked("The code is good until", retention="codes"),
            "permission_seen": _asked("Somebody who asked for you showed your permission"),
            "verified_at": _asked("We knew who asked"),
            "review_at": _asked("A person looked at it from"),
            "answered_at": _asked("Answered"),
            "refused_at": _asked("Refused"),
            "refusal": _asked("Why it was refused"),
            "cost_cents": _asked("What finding it would cost"),
            "cost_told_at": _asked("You were told what it would cost"),
            "joined_at": _asked("Joined to one you had asked before"),
            "erased_at": _asked("Closed, because you were erased"),
            "joined_id": Number(names="privacy_request"),
            "begun_at": _PROGRESS,
            "rows_done": _PROGRESS,
            "rows_total": _PROGRESS,
        },
    ),
    Table(
        name="privacy_stage",
        says="How near the deadline of your request was noticed to be",
        key="request_id",
        columns={
            "request_id": Number(names="privacy_request", through=True),
            "stage": _asked("Day"),
            "noticed_at": _asked("Noticed"),
        },
    ),
    Table(
        name="privacy_package",
        says="Packages we made for you",
        columns={
            "id": Number(names="privacy_package"),
            "request_id": Number(names="privacy_request"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "snapshot_at": _asked("Shows how things were at"),
            "made_at": _asked("Made"),
            "expires_at": _asked("Kept until"),
            "sealed": _asked(
                "The package",
                disclose=Described("A package like this one, until its time is over."),
                erase=Erasure.EMPTIED,
                retention="packages",
            ),
            "sha256": NotPersonal("the fingerprint of a package: finds nobody"),
            "bytes": _asked("Its size in bytes"),
            "records": _asked("How many records were in it"),
            "withheld": NotPersonal("names of columns and counts, the same for everybody with such rows", keys=_ITEMS),
            "unread": NotPersonal("names of sources that did not answer"),
            "decisions": NotPersonal("how many decisions about what is kept back it obeys"),
        },
    ),
    Table(
        name="privacy_restriction",
        says="What we decided to keep back from a package, and what you answered",
        acts=("what", "step", "at"),
        did="What you decided to keep back from a package",
        key="request_id",
        columns={
            "request_id": Number(names="privacy_request", through=True),
            "number": NotPersonal("counts the steps of a request"),
            "what": _asked("What"),
            "ground": _asked("Why"),
            "reason": _asked("Which of the five reasons"),
            "step": _asked("What was done"),
            "at": _asked("When"),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "estimate_cents": _asked("What finding it would cost"),
            "told_at": _asked("You were told so"),
            "narrowed": _asked("You asked for less of it", source=Source.PERSON),
        },
    ),
    Table(
        name="privacy_link",
        says="Links that opened a package of yours",
        key="token_hash",
        columns={
            "token_hash": _asked("Link", disclose=_LINK, erase=Erasure.DELETED, retention="packages"),
            "package_id": Number(names="privacy_package"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "made_at": _asked("Made", retention="packages"),
            "expires_at": _asked("Good until", retention="packages"),
            "used_at": _asked("Used", retention="packages"),
        },
    ),
)
