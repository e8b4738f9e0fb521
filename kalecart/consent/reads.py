"""What a person agreed to: what holds now, and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from kalecart.consent.purpose import Decision, Purpose
from kalecart.consent.tables import consent
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

    @property
    def necessary(self) -> bool:
        return self.purpose.necessary

    @property
    def words(self) -> Words:
        """What is shown beside the switch today."""
        return WORDS[self.purpose]


@dataclass(frozen=True, kw_only=True)
class PastDecision:
    """One line of a person's own history."""

    purpose: Purpose
    given: bool
    decided_at: datetime
    policy_version: str
    source: str


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
        sa.select(consent).where(consent.c.customer_id == customer_id).order_by(consent.c.decided_at.desc())
    )
    return [
        PastDecision(
            purpose=Purpose(row.purpose),
            given=row.decision == Decision.GIVEN,
            decided_at=row.decided_at,
            policy_version=row.policy_version,
            source=row.source,
        )
        for row in rows
    ]


def _state(purpose: Purpose, row: sa.Row | None) -> ConsentState:
    if row is None:
        return ConsentState(purpose=purpose, given=False, decided_at=None, policy_version=None)
    return ConsentState(
        purpose=purpose,
        given=row.decision == Decision.GIVEN,
        decided_at=row.decided_at,
        policy_version=row.policy_version,
    )
