"""What staff are told of steps of escalation: the complaints that a letter names (C13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.complaints.tables import complaint, complaint_step
from kalecart.database import Tx
from kalecart.ids import StaffId

# Whoever has more than these on their mind goes to the board.
NAMED_MAX: Final = 20


@dataclass(frozen=True, kw_only=True)
class Told:
    """`named` are the first of `count`, the nearest to their end first; `late` of all of them are beyond it."""

    named: Sequence[Complaint]
    count: int
    late: int

    @property
    def unnamed(self) -> int:
        return self.count - len(self.named)


async def told_at(tx: Tx, staff_id: StaffId, at: datetime) -> Told:
    """Whose steps this member of staff was told of at that instant, and which nobody has answered since."""
    mine = sa.select(complaint_step.c.complaint_id).where(
        complaint_step.c.happened_at == at, complaint_step.c.told.contains([staff_id])
    )
    still = (complaint.c.id.in_(mine), complaint.c.answered_at.is_(None))
    late = sa.func.count().filter(complaint.c.due_at <= at)
    count, over = (await tx.execute(sa.select(sa.func.count(), late).where(*still))).one()
    first = sa.select(*FIELDS).where(*still).order_by(complaint.c.due_at, complaint.c.number).limit(NAMED_MAX)
    return Told(named=[complaint_of(row) for row in (await tx.execute(first)).mappings()], count=count, late=over)
