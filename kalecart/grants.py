"""Who may do what to which table: one role for each process, with the least it needs.

The matrix is generated into grants by `migrate`, and tests try every cell of it. What is not written here is refused.
Letters: r(ead), i(nsert), u(pdate), d(elete).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kalecart.schema import metadata

WEB: Final = "kale_web"
WORKER: Final = "kale_worker"
PRIVACY: Final = "kale_privacy"
ANALYTICS: Final = "kale_analytics"
SCHEDULER: Final = "kale_scheduler"
DOCTOR: Final = "kale_doctor"
ROLES: Final = (WEB, WORKER, PRIVACY, ANALYTICS, SCHEDULER, DOCTOR)

# Nobody logs in as these. A process takes one for the length of a transaction, and may do less meanwhile.
EXPORT: Final = "kale_export"
STOCKROOM: Final = "kale_stockroom"

_WORDS: Final = {"r": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

# For each table the letters of web, worker, privacy worker, analytics worker, scheduler and doctor, in this order.
MATRIX: Final[dict[str, tuple[str, str, str, str, str, str]]] = {
    "product": ("r", "r", "r", "r", "", "r"),
    "stock": ("ru", "ru", "r", "", "", "r"),
    "delivery_window": ("ru", "riu", "r", "", "", "r"),
    "cart": ("riud", "rud", "rd", "", "", "r"),
    "customer": ("riu", "r", "ru", "", "", ""),
    "address": ("ri", "", "ru", "", "", ""),
    "session": ("rid", "rd", "rd", "", "", ""),
    "consent": ("ri", "r", "r", "", "", ""),
    "consent_words": ("ri", "r", "r", "", "", "r"),
    "suspension": ("riu", "r", "r", "", "", "r"),
    "past_detail": ("ri", "r", "ru", "", "", ""),
    "correction_effect": ("ri", "r", "r", "", "", "r"),
    "detail_check": ("riu", "ri", "ri", "", "", "r"),
    "policy_version": ("r", "r", "r", "", "", "r"),
    "policy_delivery": ("ru", "ri", "r", "", "", "r"),
    "customer_order": ("riu", "ru", "r", "", "", "r"),
    "order_line": ("ri", "r", "r", "", "", "r"),
    "order_event": ("ri", "ri", "r", "", "", "r"),
    "payment_method": ("riu", "ru", "ru", "", "", ""),
    "mandate": ("ri", "r", "ru", "", "", ""),
    "payment_intent": ("ru", "riu", "r", "", "", "r"),
    "attempt": ("ru", "riu", "r", "", "", "r"),
    "ledger_entry": ("r", "ri", "r", "", "", "r"),
    "refund": ("ri", "riu", "r", "", "", "r"),
    "refund_line": ("ri", "r", "r", "", "", "r"),
    "dispute": ("r", "riu", "r", "", "", "r"),
    "stripe_cursor": ("", "riu", "", "", "", "r"),
    "inbox": ("ri", "riud", "r", "", "", "r"),
    "task": ("riu", "riud", "riud", "riu", "riu", "r"),
    "paused_topic": ("rid", "r", "r", "r", "r", "r"),
    "alert": ("riu", "riu", "riu", "i", "ri", "r"),
    "audit_entry": ("ri", "i", "ri", "i", "r", "r"),
    # Schedulers seal: they alone move the head, and they write no lines themselves.
    "audit_link": ("", "", "r", "", "ri", "r"),
    "audit_head": ("r", "", "r", "", "ru", "r"),
    "disclosure": ("ri", "i", "ri", "", "", ""),
    "timed_run": ("ri", "rid", "", "", "ri", "r"),
    "heartbeat": ("r", "riud", "riud", "riud", "riud", "r"),
    "unconsented_source": ("ri", "", "ru", "", "", "r"),
    "quarantine": ("i", "", "rd", "", "", ""),
    "correspondent": ("ri", "r", "riu", "", "", ""),
    "staff": ("r", "r", "ru", "", "", ""),
    "designation": ("ri", "r", "r", "", "", "r"),
    "training": ("ri", "r", "r", "", "", "r"),
    "access_review": ("r", "r", "ri", "", "", "r"),
    "access_review_line": ("r", "r", "ri", "", "", "r"),
    "audit_plan": ("riu", "r", "ri", "", "", "r"),
    "audit_held": ("ri", "r", "r", "", "", "r"),
    "audit_finding": ("ri", "r", "r", "", "", "r"),
    "staff_session": ("riud", "rd", "rd", "", "", ""),
    # What else proves who logs in goes with them: whoever erases deletes it, and nobody but the web reads what it is.
    "staff_key": ("riud", "", "rd", "", "", ""),
    "staff_code": ("riud", "", "rd", "", "", ""),
    "staff_recovery": ("rid", "", "rd", "", "", ""),
    "staff_challenge": ("rid", "rd", "rd", "", "", ""),
    "staff_view": ("ri", "", "r", "", "", ""),
    "mail": ("r", "riu", "ru", "", "", "r"),
    "erasure": ("r", "r", "riu", "", "", "r"),
    "erasure_wait": ("r", "r", "riu", "", "", "r"),
    "legal_hold": ("riu", "r", "r", "", "", "r"),
    "retention_run": ("r", "", "ri", "", "", "r"),
    "control_run": ("r", "ri", "ri", "ri", "r", "ri"),
    "privacy_request": ("riu", "r", "riud", "", "", "r"),
    "privacy_stage": ("r", "", "rid", "", "", "r"),
    "privacy_package": ("ru", "r", "riud", "", "", "r"),
    "privacy_restriction": ("ri", "r", "rd", "", "", "r"),
    "privacy_link": ("riu", "", "rd", "", "", ""),
    # A pseudonym goes the moment its person takes consent back, and what was counted under it goes with it (E45).
    # Whoever answers a survey gets theirs as they answer.
    "pseudonym": ("rid", "rid", "rd", "", "", ""),
    "counted_day": ("r", "ri", "r", "r", "", "r"),
    "counted_product": ("r", "ri", "r", "r", "", "r"),
    "habit": ("", "", "rd", "rid", "", ""),
    # Nobody takes from an envelope: a question that is written does.
    "envelope": ("r", "ri", "r", "r", "", "r"),
    "release": ("ri", "r", "r", "ri", "", "r"),
    "release_answer": ("r", "r", "r", "ri", "", "r"),
    # None of these writes what such a file says: that is `LENT`, to a role that reads nothing but releases.
    "figures_export": ("r", "r", "r", "", "", "r"),
    "survey": ("riu", "ru", "r", "r", "", "r"),
    "survey_question": ("rid", "r", "r", "r", "", "r"),
    "survey_answer": ("rid", "", "rd", "", "", ""),
    "survey_reminder": ("ri", "rid", "rd", "", "", ""),
    "complaint": ("riu", "ru", "riud", "", "", "r"),
    "complaint_concern": ("ri", "", "riud", "", "", ""),
    "complaint_addition": ("ri", "", "riud", "", "", ""),
    "complaint_assignment": ("ri", "", "rid", "", "", "r"),
    "complaint_answer": ("ri", "ru", "rud", "", "", "r"),
    "complaint_step": ("ri", "ri", "rid", "", "", "r"),
    "complaint_ladder": ("ri", "r", "r", "", "", "r"),
    # Messages are opened, and what they say is sealed, by the one process that may read everything about a person.
    "inbound_message": ("r", "rd", "ri", "", "", "r"),
    "cabinet": ("ri", "r", "r", "", "", "r"),
    "cabinet_key": ("ri", "r", "r", "", "", "r"),
    "paper_item": ("ri", "r", "rud", "", "", "r"),
    # Workers open whom they write to, and the last digits of the card a receipt names. Only who erases destroys a key,
    # and only who makes packages makes one for each.
    "vault.data_key": ("ri", "r", "rid", "", "", ""),
    "vault.index_key": ("r", "r", "r", "", "r", ""),
    "vault.master_key": ("", "", "", "", "", "r"),
    "vault.tombstone": ("r", "r", "ri", "", "r", "r"),
    "vault.restore_run": ("r", "r", "r", "r", "r", "r"),
    "alembic_version": ("r", "r", "r", "r", "r", "r"),
}

# Where a row may be changed in these columns and never in the others: what a version of the policy says is not
# rewritten, of who works here the console may say that they left, in which role they are and what their password is,
# of a designation that it was taken back, of a paper where it lies and that it was shredded, and of a line of a review
# or a finding what became of it.
COLUMNS: Final[dict[tuple[str, str], str]] = {
    ("policy_version", WORKER): "told_at",
    ("staff", WEB): "left_at, password_hash, role",
    ("designation", WEB): "revoked_at",
    ("paper_item", WEB): "cabinet_id, shredded_at, shredded_by, witness, early",
    ("complaint_answer", WEB): "sent_at, bounced_at",
    ("access_review_line", WEB): "outcome, decided_by, decided_at",
    ("audit_finding", WEB): "state, mended_by, mended_at, mended_how, closed_by, closed_at",
    ("counted_day", ANALYTICS): "counted_at",
    ("habit", ANALYTICS): "days",
    ("survey", ANALYTICS): "state",
    ("figures_export", WORKER): "content",
}

# Where rows are added with some of their columns and never with the others.
ADDED: Final[dict[tuple[str, str], str]] = {
    ("figures_export", WEB): "id, releases, format, asked_by, asked_at, expires_at",
}

# What stands between a role and tables it may not read: a view with a security barrier, which shows neither names nor
# numbers of people. A clause of its own chooses the rows, and no function of the reader's runs before it has.
VIEWS: Final[dict[str, tuple[str, ...]]] = {
    "purchase_seen": (ANALYTICS,),
    "answer_seen": (ANALYTICS,),
    "shelf_seen": (STOCKROOM,),
    "sold_seen": (STOCKROOM,),
    "to_pick_seen": (STOCKROOM,),
}
# What such a view calls, with the owner\'s rights and under its own conditions.
FUNCTIONS: Final[dict[str, tuple[str, ...]]] = {"purchases_seen(date)": (ANALYTICS,)}


@dataclass(frozen=True, kw_only=True)
class Lent:
    """A role without a log-in: `to` may take it by `SET LOCAL ROLE`, and has these rights then and no others."""

    to: str
    rights: tuple[str, ...]


LENT: Final[dict[str, Lent]] = {
    # Goods and order numbers, in its views: what picking and restocking need. Whoever makes files cannot take it.
    STOCKROOM: Lent(to=WEB, rights=()),
    EXPORT: Lent(
        to=ANALYTICS,
        rights=(
            "SELECT ON release",
            "SELECT ON release_answer",
            "SELECT ON counted_product",
            "SELECT (id, releases, format, made_at) ON figures_export",
            "UPDATE (content, sha256, bytes, lines, made_at, refused) ON figures_export",
        ),
    ),
}


def statements() -> Iterator[str]:
    """Take everything away, then give what the matrix says: as few statements as say it, since each start runs them."""
    everybody = ", ".join((*ROLES, *LENT))
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public, vault FROM {everybody}"
    yield f"GRANT USAGE ON SCHEMA public, vault TO {everybody}"
    for place, role in enumerate(ROLES):
        yield from _matrix(role, place)
    yield from _windows()
    for (table, role), column in COLUMNS.items():
        yield f"GRANT UPDATE ({column}) ON {table} TO {role}"
    for (table, role), columns in ADDED.items():
        yield f"GRANT INSERT ({columns}) ON {table} TO {role}"
    for role, lent in LENT.items():
        yield f"GRANT {role} TO {lent.to} WITH INHERIT FALSE, SET TRUE"
        for right in lent.rights:
            yield f"GRANT {right} TO {role}"


def _matrix(role: str, place: int) -> Iterator[str]:
    """Tables with the same letters share a statement."""
    tables: dict[str, list[str]] = {}
    for table, cells in MATRIX.items():
        tables.setdefault(cells[place], []).append(table)
    for letters, named in tables.items():
        if letters:
            yield f"GRANT {', '.join(_WORDS[letter] for letter in letters)} ON {', '.join(named)} TO {role}"


def _windows() -> Iterator[str]:
    for view, readers in VIEWS.items():
        yield f"GRANT SELECT ON {view} TO {', '.join(readers)}"
    for function, callers in FUNCTIONS.items():
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(callers)}"


def unplaced() -> set[str]:
    """Tables nobody decided about. `migrate` refuses to go on while there is one."""
    return set(metadata.tables) - set(MATRIX)
