"""What people agreed to, what was written to them, and who looked at them."""

from typing import Final

from kalecart.privacy.register.entry import (
    ANYBODY,
    AsItIs,
    Category,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part, PersonKind


def _agreed(says: str, source: Source = Source.PERSON) -> Personal:
    return Personal(
        says=says,
        category=Category.CONSENT,
        source=source,
        retention="books",
        disclose=AsItIs(),
        erase=Erasure.KEPT,
    )


def _written(says: str) -> Personal:
    return Personal(
        says=says,
        category=Category.CORRESPONDENCE,
        source=Source.SHOP,
        retention="books",
        disclose=AsItIs(),
        erase=Erasure.KEPT,
    )


def _looked(says: str, source: Source = Source.STAFF, retention: str = "books") -> Personal:
    return Personal(
        says=says,
        category=Category.USES,
        source=source,
        retention=retention,
        disclose=AsItIs(),
        erase=Erasure.KEPT,
    )


def _in_the_trail(kind: PersonKind, thing: str = "", table: str = "", column: str = "") -> str:
    """SQL for lines about a person, about a request of theirs, or about another thing that is theirs."""
    of_theirs = f"SELECT id::text FROM privacy_request WHERE {kind.column} = :person"  # noqa: S608  # names of our own
    found = f"subject_kind = '{kind}' AND subject = CAST(:person AS uuid)::text"
    found += f" OR subject_kind = 'privacy_request' AND subject IN ({of_theirs})"
    if thing:
        rows = f"SELECT id::text FROM {table} WHERE {column} = :person"  # noqa: S608  # the same
        found += f" OR subject_kind = '{thing}' AND subject IN ({rows})"
    return found


_WORDING: Final = "words the shop showed, the same for everybody"
_POLICY: Final = "the policy, published"

# What lines of the trail are about, beside their subject.
_NUMBERS: Final = ("refund", "hold", "designation", "training", "audit", "cabinet")

TABLES: Final = (
    Table(
        name="consent",
        says="What you agreed to, and what you took back",
        columns={
            "id": Number(names="consent"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "purpose": _agreed("What for"),
            "decision": _agreed("Your decision"),
            "policy_version": _agreed("The policy that held", Source.SHOP),
            "words_sha256": Number(names="consent_words"),
            "source": _agreed("Where you said it", Source.SHOP),
            "decided_at": _agreed("When", Source.SHOP),
            "field": _agreed("What you did not want to give"),
            "despite_signal": _agreed("Given while your browser asked for less"),
        },
    ),
    Table(
        name="suspension",
        says="Delivery that ended because you did not agree to what it needs",
        columns={
            "id": Number(names="suspension"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "field": _agreed("What you did not want to give"),
            "words_sha256": Number(names="consent_words"),
            "told_at": _agreed("You were told", Source.SHOP),
            "effective_at": _agreed("From when", Source.SHOP),
            "lifted_at": _agreed("You agreed again"),
        },
    ),
    Table(
        name="consent_words",
        says="Words we showed",
        key="sha256",
        columns={
            "sha256": NotPersonal(_WORDING),
            "text": NotPersonal(_WORDING),
            "first_shown_at": NotPersonal(_WORDING),
        },
    ),
    Table(
        name="policy_version",
        says="Versions of the policy",
        key="version",
        columns={
            "version": NotPersonal(_POLICY),
            "sha256": NotPersonal(_POLICY),
            "text": NotPersonal(_POLICY),
            "effective_on": NotPersonal(_POLICY),
            "published_at": NotPersonal(_POLICY),
            "told_at": NotPersonal(_POLICY),
        },
    ),
    Table(
        name="policy_delivery",
        says="Which versions of the policy we told you of",
        key="person_id",
        columns={
            "person_id": Number(names=ANYBODY, part=Part.SUBJECT),
            "version": _written("The version"),
            "person_kind": NotPersonal("customer or staff"),
            "promised_at": _written("When we wrote to you of it"),
            "acknowledge_by": _written("Until when you had to read it, as a member of staff"),
            "acknowledged_at": _written("When you said that you had read it"),
        },
    ),
    Table(
        name="unconsented_source",
        says="That you sent us what others had not agreed to",
        acts=("channel", "recorded_at"),
        did="What you wrote down that had come without consent",
        columns={
            "id": Number(names="unconsented_source"),
            "channel": _written("How it came"),
            "sender_id": Number(names="correspondent", part=Part.SUBJECT),
            "received_at": _written("When it came"),
            "recorded_at": _written("When we wrote that down"),
            "recorded_by": Number(names="staff", part=Part.ACTOR),
            "size_bytes": _written("How much it was"),
            "destroy_by": _written("When it is destroyed at the latest"),
            "destroyed_at": _written("When it was destroyed"),
        },
    ),
    Table(
        name="quarantine",
        says="What reached us without consent, sealed unread",
        key="source_id",
        columns={
            "source_id": Number(names="unconsented_source"),
            "content": NotPersonal(
                "nobody knows whom it is about: sealed unread with a key of its own, then destroyed"
            ),
        },
    ),
    Table(
        name="mail",
        says="Letters we wrote to you; their words are not kept",
        columns={
            "id": Number(names="mail"),
            "kind": _written("What about"),
            "subject_id": NotPersonal("a number of ours: of the order, card or other thing a letter is about"),
            "occasion": NotPersonal("tells one letter about a thing from the next: a number, a month or an instant"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "order_id": Number(names="customer_order"),
            "state": _written("State"),
            "attempts": _written("How often we tried"),
            "code": _written("What the mail server answered"),
            "due_at": _written("Promised"),
            "sent_at": _written("Sent"),
            "returned_at": _written("Came back"),
            "return_code": _written("Why it came back"),
        },
    ),
    Table(
        name="staff_view",
        says="Who looked at your details",
        acts=("purpose", "at"),
        did="When you looked at a customer's details",
        columns={
            "id": Number(names="staff_view"),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "purpose": _looked("What for"),
            "at": _looked("When", Source.SHOP),
        },
    ),
    Table(
        name="audit_entry",
        says="What was done about you and your orders, as the audit trail has it",
        # The trail holds numbers of ours and codes, and is never changed: erasing a person leaves it as it is (E68).
        also={
            PersonKind.CUSTOMER: _in_the_trail(PersonKind.CUSTOMER, "order", "customer_order", "customer_id"),
            PersonKind.CORRESPONDENT: _in_the_trail(
                PersonKind.CORRESPONDENT, "unconsented_source", "unconsented_source", "sender_id"
            ),
            PersonKind.STAFF: _in_the_trail(PersonKind.STAFF),
        },
        acts=("at", "act"),
        did="What you did, as the audit trail has it",
        columns={
            "id": Number(names="audit_entry"),
            "at": _looked("When", Source.SHOP, "trail"),
            "actor_kind": _looked("Who: staff, you, or the shop itself", Source.SHOP, "trail"),
            "actor_id": Number(names=ANYBODY, part=Part.ACTOR),
            "act": _looked("What was done", Source.SHOP, "trail"),
            "subject_kind": NotPersonal("what kind of thing it was done to"),
            "subject": NotPersonal("a number of ours: of the thing it was done to"),
            "detail": NotPersonal(
                "numbers of ours, codes, counts and cents: the trail refuses anything else",
                keys={
                    **dict.fromkeys(_NUMBERS, "a number of ours"),
                    "topic": "a kind of work",
                    "was": "a state, as a code",
                    "amount_cents": "cents",
                    "cents": "cents",
                    "reason": "a code",
                    "role": "a role",
                    "route": "a page of the console",
                    "kind": "a kind of alert, of request or of source, as a code",
                    "channel": "how a request came, as a code",
                    "level": "how much was proved, as a code",
                    "tries": "counts",
                    "stage": "how near a deadline is, as a code",
                    "records": "counts",
                    "withheld": "counts",
                    "purpose": "what for, as a code",
                    "from": "a state, as a code",
                    "to": "a state, as a code",
                    "scope": "what somebody is designated for, as a code",
                    "held_on": "a day",
                    "key": "a number of ours: of a passkey",
                    "holder": "a number of ours: of who holds a cabinet's key",
                    "left": "a number of ours: of the cabinet a paper was taken out of",
                    "witness": "a number of ours: of who saw a paper shredded",
                    "early": "why a paper was shredded before its day, as a code",
                    "clause": "a clause of the policy",
                    "findings": "counts",
                    "severity": "how bad a finding is, as a code",
                    "line": "a number of ours: of a line of a review",
                    "outcome": "of a line of a review, as a code",
                    "clauses": "clauses of the policy",
                    "months": "counts",
                    "auditor": "a number of ours, or that it is the manager",
                    "stopped": "yes or no",
                    "questions": "counts",
                    "what": "a table of the register",
                    "ground": "why something is kept back, as a code",
                    "number": "counts the steps of a request",
                    "decisions": "counts the steps of a request",
                    "format": "of a file of figures, as a code",
                    "releases": "counts",
                },
            ),
        },
    ),
    Table(
        name="audit_link",
        says="The trail's chain",
        key="sequence",
        columns={
            "sequence": NotPersonal("counts the lines of the trail"),
            "entry_id": Number(names="audit_entry"),
            "hash": NotPersonal("seals the trail up to a line"),
        },
    ),
    Table(
        name="audit_head",
        says="The end of the trail's chain",
        columns={
            "id": NotPersonal("there is one row"),
            "sequence": NotPersonal("how long the chain is"),
            "hash": NotPersonal("seals the whole trail"),
            "entry_at": NotPersonal("when its last line was written"),
        },
    ),
    Table(
        name="disclosure",
        says="What we gave to others about you",
        columns={
            "id": Number(names="disclosure"),
            "person_id": Number(names=ANYBODY, part=Part.SUBJECT),
            "recipient": _looked("Who got it", Source.SHOP),
            "fields": _looked("What", Source.SHOP),
            "ground": _looked("What for", Source.SHOP),
            "reference": NotPersonal("a number of ours or of the recipient's: of the message that carried it"),
            "at": _looked("When", Source.SHOP),
        },
    ),
)
