"""All SQL that writes the consent ledger. Rows are added and never changed, by privilege."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.consent.purpose import Decision, Purpose
from kalecart.consent.suspension import Notice
from kalecart.consent.tables import consent, consent_words, pseudonym, suspension
from kalecart.consent.words import Words
from kalecart.database import Tx
from kalecart.ids import CustomerId, new_id

# Where a person decided: two forms, the page of a notice, a paper that staff hold, or their browser's own signal.
Source = Literal["sign_up", "account_page", "notice_page", "staff_paper", "gpc"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the ledger: what was decided, on which words, under which version of the policy, and where."""

    customer_id: CustomerId
    words: Words
    decision: Decision
    policy_version: str
    source: Source
    field: str | None = None
    despite_signal: bool = False


# Whoever gives pseudonyms waits for whoever takes consent back, and the other way round: nobody who has taken it back
# is left with one.
_PSEUDONYMS: Final = 7_203_015


async def add(tx: Tx, entry: Entry, *, now: datetime) -> None:
    """Add a line. Who takes a consent back is counted no longer: what was counted of them goes in this transaction."""
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
        "field": entry.field,
        "despite_signal": entry.despite_signal,
    }
    await tx.execute(sa.insert(consent).values(**row))
    if entry.words.purpose.counted and entry.decision is Decision.WITHDRAWN:
        await forget_pseudonyms(tx, entry.customer_id, entry.words.purpose)


async def forget_pseudonyms(tx: Tx, customer_id: CustomerId, *purposes: Purpose) -> None:
    """Those for some purposes, and everything that was counted or answered under them (E45)."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_PSEUDONYMS)))
    theirs = (pseudonym.c.customer_id == customer_id) & pseudonym.c.purpose.in_(purposes)
    await tx.execute(sa.delete(pseudonym).where(theirs))


async def hold_pseudonyms(tx: Tx) -> None:
    """Wait until nobody is in the middle of taking a consent back, and let nobody begin until this transaction ends."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_PSEUDONYMS)))


async def keep_words(tx: Tx, text: str, sha256: bytes, *, now: datetime) -> None:
    """What a person was shown and agreed to, once for every wording."""
    shown = {"sha256": sha256, "text": text, "first_shown_at": now}
    await tx.execute(insert(consent_words).values(**shown).on_conflict_do_nothing(index_elements=["sha256"]))


async def suspend(tx: Tx, customer_id: CustomerId, notice: Notice, *, field: str | None, now: datetime) -> UUID:
    """Write down what a person was told, word for word, and from when it holds."""
    await keep_words(tx, notice.text, notice.sha256, now=now)
    row = {
        "id": new_id(),
        "customer_id": customer_id,
        "field": field,
        "words_sha256": notice.sha256,
        "told_at": now,
        "effective_at": notice.effective_at,
    }
    await tx.execute(sa.insert(suspension).values(**row))
    return row["id"]


async def lift(tx: Tx, customer_id: CustomerId, *, now: datetime) -> bool:
    """End the suspension that stands; False where there is none."""
    mine = sa.update(suspension).where(suspension.c.customer_id == customer_id, suspension.c.lifted_at.is_(None))
    return (await tx.execute(mine.values(lifted_at=now))).rowcount == 1


async def pseudonym_for(tx: Tx, customer_id: CustomerId, purpose: Purpose, period: str, *, now: datetime) -> UUID:
    """The random number under which a person is counted, made where there is none. The caller holds their row."""
    row = {"id": sa.func.gen_random_uuid(), "customer_id": customer_id, "purpose": purpose, "period": period}
    once = insert(pseudonym).values(**row, made_at=now).on_conflict_do_nothing(constraint="pseudonym_once")
    await tx.execute(once)
    mine = pseudonym.c.customer_id == customer_id, pseudonym.c.purpose == purpose, pseudonym.c.period == period
    return (await tx.execute(sa.select(pseudonym.c.id).where(*mine))).scalar_one()


async def drop_pseudonyms(tx: Tx, period: str, *, customer_id: CustomerId | None = None) -> int:
    """Forget a person's number of a period, or everybody's, with all that is kept under it; how many."""
    gone = sa.delete(pseudonym).where(pseudonym.c.period == period)
    if customer_id is not None:
        gone = gone.where(pseudonym.c.customer_id == customer_id)
    return (await tx.execute(gone)).rowcount
