"""What has to be printed and posted about complaints: acknowledgements, and answers on paper (C12, C13)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.complaints.complaint import Complaint
from kalecart.complaints.tables import complaint, complaint_answer
from kalecart.database import Tx

_later: Final = complaint_answer.alias("later")
_OPEN: Final = complaint.c.answered_at.is_(None)
_POSTED: Final = sa.exists().where(
    complaint_answer.c.complaint_id == complaint.c.id, complaint_answer.c.sent_at.is_not(None)
)
# Where an answer was posted and came back, the next thing to post is another.
_ACKNOWLEDGEMENT: Final = _OPEN & complaint.c.on_paper & complaint.c.acknowledged_at.is_(None) & ~_POSTED
# The last that was signed is the answer: one before it that was never posted, never will be.
_LAST: Final = ~sa.exists().where(
    _later.c.complaint_id == complaint_answer.c.complaint_id,
    sa.tuple_(_later.c.signed_at, _later.c.id) > sa.tuple_(complaint_answer.c.signed_at, complaint_answer.c.id),
)
_WAITS: Final = (complaint_answer.c.channel == "post") & complaint_answer.c.sent_at.is_(None) & _LAST
_ANSWER: Final = _OPEN & sa.exists().where(complaint_answer.c.complaint_id == complaint.c.id, _WAITS)
TO_POST: Final = _ACKNOWLEDGEMENT | _ANSWER


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """An answer on paper: when it was signed, and, once it was, posted."""

    id: UUID
    signed_at: datetime
    sent_at: datetime | None


async def to_post(tx: Tx) -> int:
    """How many complaints have a letter that is to be printed and posted."""
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(complaint).where(TO_POST)) or 0)


async def unacknowledged(tx: Tx, before: datetime) -> set[str]:
    """The ids of those whose acknowledgement is to be posted and which were received before then."""
    rows = await tx.scalars(sa.select(complaint.c.id).where(_ACKNOWLEDGEMENT, complaint.c.received_at <= before))
    return {str(each) for each in rows}


async def unposted_answers(tx: Tx, before: datetime) -> set[str]:
    """The ids of those whose answer was signed before then and is to be posted."""
    signed = sa.select(complaint.c.id).join(complaint_answer, complaint_answer.c.complaint_id == complaint.c.id)
    rows = await tx.scalars(signed.where(_OPEN, _WAITS, complaint_answer.c.signed_at <= before))
    return {str(each) for each in rows}


async def answer_on_paper(tx: Tx, case: Complaint) -> OnPaper | None:
    """The last answer to a complaint, if it goes by post and has not come back."""
    theirs = sa.select(complaint_answer.c.id, complaint_answer.c.signed_at, complaint_answer.c.sent_at).where(
        complaint_answer.c.complaint_id == case.id,
        complaint_answer.c.channel == "post",
        complaint_answer.c.bounced_at.is_(None),
        _LAST,
    )
    row = (await tx.execute(theirs)).one_or_none()
    return OnPaper(id=row.id, signed_at=row.signed_at, sent_at=row.sent_at) if row else None
