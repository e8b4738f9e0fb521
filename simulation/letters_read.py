"""What became of messages in the mailbox, held against what they were: each exactly one thing (C12, E82, E86)."""

import hashlib
import operator
from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.inbound.incoming import Unreadable, read
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.parcel import Parcel
from kalecart.vault import Vault
from simulation.mailbag import Dropped

_READ: Final = "SELECT outcome, read_at FROM inbound_message WHERE key_hash = :key"
_CASES: Final = """
    SELECT previous_id IS NOT NULL AS continues FROM complaint
     WHERE channel = 'mail' AND entered_by IS NULL AND received_at = :at
"""
_KEPT: Final = """
    SELECT (SELECT count(*) FROM complaint_addition WHERE kind = 'text') AS additions,
           (SELECT count(*) FROM complaint WHERE channel = 'mail' AND entered_by IS NULL) AS cases
"""
_LETTER: Final = """
    SELECT m.returned_at, m.kind, a.bounced_at, a.complaint_id,
           (SELECT count(*) FROM alert WHERE kind = 'mail_returned' AND subject = m.id::text) AS alerts
      FROM mail AS m LEFT JOIN complaint_answer AS a ON m.kind = 'complaint_answered' AND a.id::text = m.occasion
     WHERE m.id = :letter
"""


async def became(tx: Tx, message: Dropped, vault: Vault) -> tuple[Outcome | None, list[str]]:
    """What one is on record as, and what is wrong with that."""
    rows = (await tx.execute(sa.text(_READ), {"key": _key(message, vault)})).all()
    if len(rows) != 1:
        return None, [f"a message of {message.at} was read {len(rows)} times"]
    outcome = Outcome(rows[0].outcome)
    moment = {"at": message.at}
    cases = (await tx.execute(sa.text(_CASES), moment)).all()
    wrong = [*_cases_wrong(message, outcome, [row.continues for row in cases])]
    if message.letter is not None:
        letter = (await tx.execute(sa.text(_LETTER), {"letter": message.letter})).one_or_none()
        wrong += _return_wrong(outcome, letter)
    elif outcome not in message.may_be:
        wrong.append(f"became {outcome}")
    return outcome, [f"a message of {message.at} {what}" for what in wrong]


def _key(message: Dropped, vault: Vault) -> bytes:
    parcel = Parcel(name="", arrived_at=message.at, certain=False, whole=True, content=message.content)
    try:
        key = read(parcel).key
    except Unreadable:
        key = hashlib.sha256(message.content).hexdigest()
    return vault.blind_index("message", key)


def _cases_wrong(message: Dropped, outcome: Outcome, continuing: list[bool]) -> Iterable[str]:
    """A complaint of the instant it reached the mailbox, and one only, however often it was delivered."""
    expected = {Outcome.COMPLAINT: [False], Outcome.AGAIN: [True]}.get(outcome, [])
    if continuing != expected and message.may_be & {Outcome.COMPLAINT, Outcome.AGAIN}:
        yield f"became {outcome}, and {len(continuing)} complaints"


def _return_wrong(outcome: Outcome, letter: Any) -> Iterable[str]:
    """Of whoever was erased meanwhile there may be no letter any more: then a person reads the report."""
    if letter is None:
        if outcome is not Outcome.ASIDE:
            yield f"became {outcome}, and there is no letter"
        return
    if outcome is not Outcome.CAME_BACK or letter.returned_at is None:
        yield f"became {outcome}, and its letter came back at {letter.returned_at}"
    if letter.alerts != 1:
        yield f"raised {letter.alerts} alerts"
    if letter.complaint_id is not None and letter.bounced_at is None:
        yield "brought an answer back, which counts all the same"


async def kept_wrongly(tx: Tx, became: Mapping[Outcome, int], typed: int, *, forgetting: bool) -> list[str]:
    """What was added to complaints is what people typed on their pages, and what was read as an addition; and nothing
    else became a complaint. A shop that is old enough for `forgetting` has at most so many."""
    kept = (await tx.execute(sa.text(_KEPT))).one()
    added, cases = became[Outcome.ADDED], became[Outcome.COMPLAINT] + became[Outcome.AGAIN]
    wrong = operator.gt if forgetting else operator.ne
    broken = []
    if wrong(kept.additions, added + typed):
        broken.append(f"{kept.additions} additions of {added} by mail and {typed} on pages")
    if wrong(kept.cases, cases):
        broken.append(f"{kept.cases} complaints of {cases} messages")
    return broken
