"""What a person agreed to: what holds now, and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from kalecart.consent.purpose import Decision, Purpose
from kalecart.consent.receipt import PastDecision
from kalecart.consent.suspension import Suspension
from kalecart.consent.tables import consent, consent_words, suspension
from kalecart.consent.words import WORDS, Words
from kalecart.database import Tx
from kalecart.ids import CustomerId


@dataclass(frozen=True, kw_only=True)
class ConsentState:
    """One purpose, and what holds. Nobody has consented to what they were never asked: `decided_at` is None then."""

    purpose: Purpose
    given: bool
    decided_at: datetime | None
    policy_version: str | None
    source: str | None = None
    despite_signal: bool = False

    @property
    def necessary(self) -> bool:
        return self.purpose.necessary

    @property
    def words(self) -> Words:
        """What is shown beside the switch today."""
        return WORDS[self.purpose]


async def consents_of(tx: Tx, customer_id: CustomerId) -> list[ConsentState]:
    """What holds for each purpose: the latest line of the ledger, and of two at one instant the withdrawal."""
    rows = await tx.execute(
        sa.select(consent)
        .where(consent.c.customer_id == customer_id)
        .ext(distinct_on(consent.c.purpose))
        .order_by(consent.c.purpose, consent.c.decided_at.desc(), consent.c.decision.desc())
    )
    latest = {row.purpose: row for row in rows}
    return [_state(purpose, latest.get(purpose.value)) for purpose in Purpose]


async def history_of(tx: Tx, customer_id: CustomerId) -> Sequence[PastDecision]:
    """Every decision a person made, the latest first."""
    rows = await tx.execute(
        sa.select(consent, consent_words.c.text)
        .join(consent_words, consent_words.c.sha256 == consent.c.words_sha256)
        .where(consent.c.customer_id == customer_id)
        .order_by(consent.c.decided_at.desc(), consent.c.id.desc())
    )
    return [
        PastDecision(
            purpose=Purpose(row.purpose),
            given=row.decision == Decision.GIVEN,
            decided_at=row.decided_at,
            policy_version=row.policy_version,
            source=row.source,
            field=row.field,
            text=row.text,
            sha256=row.words_sha256,
        )
        for row in rows
    ]


_STANDING: Final = (
    sa.select(suspension, consent_words.c.text)
    .join(consent_words, consent_words.c.sha256 == suspension.c.words_sha256)
    .where(suspension.c.lifted_at.is_(None))
)


async def suspension_of(tx: Tx, customer_id: CustomerId) -> Suspension | None:
    """The notice that stands, with the words it was told in: delivery ends, or has ended."""
    return _suspension(await tx.execute(_STANDING.where(suspension.c.customer_id == customer_id)))


async def standing(tx: Tx, suspension_id: UUID) -> Suspension | None:
    """One that still stands; None where it was lifted."""
    return _suspension(await tx.execute(_STANDING.where(suspension.c.id == suspension_id)))


def _suspension(rows: sa.Result) -> Suspension | None:
    row = rows.one_or_none()
    if row is None:
        return None
    return Suspension(field=row.field, text=row.text, told_at=row.told_at, effective_at=row.effective_at)


def _state(purpose: Purpose, row: sa.Row | None) -> ConsentState:
    if row is None:
        return ConsentState(purpose=purpose, given=False, decided_at=None, policy_version=None)
    return ConsentState(
        purpose=purpose,
        given=row.decision == Decision.GIVEN,
        decided_at=row.decided_at,
        policy_version=row.policy_version,
        source=row.source,
        despite_signal=row.despite_signal,
    )
