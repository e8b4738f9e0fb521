"""What was read from the mailbox, as staff see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kalecart import controls
from kalecart.database import Tx
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.tables import inbound_message

SHOWN: Final = timedelta(days=7)
# Runs of this control say that the mailbox was looked into, and whether it answered.
CONTROL: Final = "mailbox"
LOOKED_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """`looked_at` is when a look was last written down, which is every few minutes and at each change."""

    looked_at: datetime
    answered: bool
    counts: Mapping[Outcome, int]


async def looked(tx: Tx, now: datetime) -> Looked | None:
    """None where no mailbox was ever read."""
    last = await controls.runs_of(tx, CONTROL, limit=1)
    if not last:
        return None
    by_outcome = sa.select(inbound_message.c.outcome, sa.func.count().label("count"))
    recent = by_outcome.where(inbound_message.c.read_at > now - SHOWN).group_by(inbound_message.c.outcome)
    counts = {Outcome(row.outcome): row.count for row in await tx.execute(recent)}
    return Looked(looked_at=last[0].ran_at, answered=last[0].passed, counts=counts)
