"""All SQL that writes the consent ledger. Rows are added and never changed, by privilege."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.consent.purpose import Decision
from kalecart.consent.tables import consent, consent_words
from kalecart.consent.words import Words
from kalecart.database import Tx
from kalecart.ids import CustomerId, new_id

Source = Literal["sign_up", "account_page"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the ledger: what was decided, on which words, under which version of the policy, and where."""

    customer_id: CustomerId
    words: Words
    decision: Decision
    policy_version: str
    source: Source


async def add(tx: Tx, entry: Entry, *, now: datetime) -> None:
    await keep_words(tx, entry.words.text, entry.words.sha256, now=now)
    row = {
        "id": new_id(),
        "customer_id": entry.customer_id,
        "purpose": entry.words.purpose,
        "decision": entry.decision,
        "policy_version": entry.policy_version,
        "words_sha256": entry.words.sha256,
        "source": entry.source,
        "decided_at": now,
    }
    await tx.execute(sa.insert(consent).values(**row))


async def keep_words(tx: Tx, text: str, sha256: bytes, *, now: datetime) -> None:
    """What a person was shown and agreed to, once for every wording."""
    shown = {"sha256": sha256, "text": text, "first_shown_at": now}
    await tx.execute(insert(consent_words).values(**shown).on_conflict_do_nothing(index_elements=["sha256"]))
