"""Who may do what to which table: one role for each process, with the least it needs.

The matrix is generated into grants by `migrate`, and tests try every cell of it. What is not written here is refused.
Letters: r(ead), i(nsert), u(pdate), d(elete).
"""

from collections.abc import Iterator
from typing import Final

from kalecart.schema import metadata

WEB: Final = "kale_web"
WORKER: Final = "kale_worker"
SCHEDULER: Final = "kale_scheduler"
DOCTOR: Final = "kale_doctor"
ROLES: Final = (WEB, WORKER, SCHEDULER, DOCTOR)

_WORDS: Final = {"r": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

# For each table the letters of web, worker, scheduler and doctor, in this order.
MATRIX: Final[dict[str, tuple[str, str, str, str]]] = {
    "product": ("r", "r", "", "r"),
    "stock": ("ru", "ru", "", "r"),
    "delivery_window": ("ru", "riu", "", "r"),
    "cart": ("riud", "rud", "", "r"),
    "customer": ("riu", "r", "", ""),
    "address": ("ri", "", "", ""),
    "session": ("rid", "rd", "", ""),
    "consent": ("ri", "r", "", ""),
    "consent_words": ("ri", "r", "", "r"),
    "policy_version": ("r", "r", "", "r"),
    "customer_order": ("riu", "ru", "", "r"),
    "order_line": ("ri", "r", "", "r"),
    "order_event": ("ri", "ri", "", "r"),
    "payment_method": ("riu", "ru", "", ""),
    "mandate": ("ri", "r", "", ""),
    "payment_intent": ("ru", "riu", "", "r"),
    "attempt": ("ru", "riu", "", "r"),
    "ledger_entry": ("r", "ri", "", "r"),
    "refund": ("ri", "riu", "", "r"),
    "refund_line": ("ri", "r", "", "r"),
    "dispute": ("r", "riu", "", "r"),
    "stripe_cursor": ("", "riu", "", "r"),
    "inbox": ("ri", "riud", "", "r"),
    "task": ("riu", "riud", "riu", "r"),
    "paused_topic": ("rid", "r", "r", "r"),
    "alert": ("riu", "riu", "ri", "r"),
    "audit_entry": ("ri", "i", "", "r"),
    "timed_run": ("", "rd", "ri", "r"),
    "heartbeat": ("r", "riud", "riud", "r"),
    "staff": ("r", "", "", ""),
    "staff_session": ("rid", "rd", "", ""),
    "staff_view": ("ri", "", "", ""),
    "mail": ("r", "riu", "", "r"),
    # Workers open whom they write to, and the last digits of the card a receipt names.
    "vault.data_key": ("ri", "r", "", ""),
    "vault.index_key": ("r", "r", "r", ""),
    "alembic_version": ("r", "r", "r", "r"),
}


def statements() -> Iterator[str]:
    """Take everything away, then give what the matrix says."""
    for role in ROLES:
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public, vault FROM {role}"
        yield f"GRANT USAGE ON SCHEMA public, vault TO {role}"
    for table, cells in MATRIX.items():
        for role, letters in zip(ROLES, cells, strict=True):
            if letters:
                yield f"GRANT {', '.join(_WORDS[letter] for letter in letters)} ON {table} TO {role}"


def unplaced() -> set[str]:
    """Tables nobody decided about. `migrate` refuses to go on while there is one."""
    return set(metadata.tables) - set(MATRIX)
