"""What staff are told of steps of escalation: the complaints that a letter names (C13)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint
from kalecart.complaints.store import FIELDS, complaint_of
from kalecart.complaints.tables import complaint, complaint_step
from kalecart.database import Tx
from kalecart.ids import StaffId

# Whoever has more than these on their mind goes to the board.
NAMED_MAX: Final = 20
# What a letter was about when each step of each complaint had one of its own: such as these may still wait.
_ONE_STEP: Final = re.compile(r"([0-9a-f-]{36}):(\w+)")


@dataclass(frozen=True, kw_only=True)
class Told:
    """`named` are the first of `count`, the nearest to their end first; `late` of all of them are beyond it."""

    named: Sequence[Complaint]
    count: int
    late: int

    @property
    def unnamed(self) -> int:
        return self.count - len(self.named)


async def told_of(tx: Tx, staff_id: StaffId, occasion: str, *, now: datetime) -> Told:
    """Whose steps this member of staff was told of, and which nobody has answered since. `occasion` is the instant at
    which the steps were taken."""
    mine = sa.select(complaint_step.c.complaint_id).where(*_taken(staff_id, occasion))
    still = (complaint.c.id.in_(mine), complaint.c.answered_at.is_(None))
    late = sa.func.count().filter(complaint.c.due_at <= now)
    count, over = (await tx.execute(sa.select(sa.func.count(), late).where(*still))).one()
    first = sa.select(*FIELDS).where(*still).order_by(complaint.c.due_at, complaint.c.number).limit(NAMED_MAX)
    return Told(named=[complaint_of(row) for row in (await tx.execute(first)).mappings()], count=count, late=over)


def _taken(staff_id: StaffId, occasion: str) -> Sequence[sa.ColumnElement[bool]]:
    step = complaint_step.c
    if one := _ONE_STEP.fullmatch(occasion):
        return step.complaint_id == UUID(one[1]), step.step == one[2]
    return step.happened_at == datetime.fromisoformat(occasion), step.told.contains([staff_id])
