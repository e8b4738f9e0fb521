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
_case: Final = complaint.alias("to_post")
_OPEN: Final = _case.c.answered_at.is_(None)
# Looked up for each case, of which there are few: joined, it would read every answer that was ever sent.
_POSTED: Final = sa.exists(
    sa.select(complaint_answer.c.id)
    .where(complaint_answer.c.complaint_id == _case.c.id, complaint_answer.c.sent_at.is_not(None))
    .offset(sa.literal_column("0"))
)
# Where an answer was posted and came back, the next thing to post is another.
_ACKNOWLEDGEMENTS: Final = sa.select(_case.c.id).where(
    _OPEN, _case.c.on_paper, _case.c.acknowledged_at.is_(None), ~_POSTED
)
# The last that was signed is the answer: one before it that was never posted, never will be.
_LAST: Final = ~sa.exists().where(
    _later.c.complaint_id == complaint_answer.c.complaint_id,
    sa.tuple_(_later.c.signed_at, _later.c.id) > sa.tuple_(complaint_answer.c.signed_at, complaint_answer.c.id),
)
_WAITS: Final = (complaint_answer.c.channel == "post") & complaint_answer.c.sent_at.is_(None) & _LAST
_ANSWERS: Final = sa.select(_case.c.id).join(complaint_answer, complaint_answer.c.complaint_id == _case.c.id)
_EITHER: Final = sa.union(_ACKNOWLEDGEMENTS, _ANSWERS.where(_OPEN, _WAITS))
TO_POST: Final = complaint.c.id.in_(_EITHER)


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """An answer on paper: when it was signed, and, once it was, posted."""

    id: UUID
    signed_at: datetime
    sent_at: datetime | None


async def to_post(tx: Tx) -> int:
    """How many complaints have a letter that is to be printed and posted."""
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(_EITHER.subquery())) or 0)


async def unacknowledged(tx: Tx, before: datetime) -> set[str]:
    """The ids of those whose acknowledgement is to be posted and which were received before then."""
    rows = await tx.scalars(_ACKNOWLEDGEMENTS.where(_case.c.received_at <= before))
    return {str(each) for each in rows}


async def unposted_answers(tx: Tx, before: datetime) -> set[str]:
    """The ids of those whose answer was signed before then and is to be posted."""
    rows = await tx.scalars(_ANSWERS.where(_OPEN, _WAITS, complaint_answer.c.signed_at <= before))
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
