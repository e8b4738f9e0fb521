"""All SQL that changes complaints. What is personal is sealed before it gets here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.alerts import close_alerts
from kalecart.complaints.complaint import Channel, Complaint
from kalecart.complaints.ladder import Due, Step
from kalecart.complaints.tables import (
    complaint,
    complaint_addition,
    complaint_answer,
    complaint_assignment,
    complaint_concern,
    complaint_ladder,
)
from kalecart.database import Tx
from kalecart.ids import ComplaintId, StaffId, new_id
from kalecart.once import made_before
from kalecart.tasks import raise_alert

FIELDS: Final = tuple(complaint.c[field.name] for field in fields(Complaint))


async def add(tx: Tx, case: Complaint, **values: Any) -> None:
    """`values` are the columns a Complaint does not show: what is sealed, who wrote it down, when to look at it."""
    known: dict[str, Any] = {column.name: getattr(case, column.name) for column in FIELDS}
    await tx.execute(sa.insert(complaint).values(**known, **values))


async def made_already(tx: Tx, made: UUID | None) -> bool:
    """A complaint, an answer or an addition."""
    return await made_before(tx, made, complaint.c.id, complaint_answer.c.id, complaint_addition.c.id)


async def case_of(tx: Tx, made: UUID) -> ComplaintId:
    """The complaint that has this id, or an addition with it."""
    of_addition = sa.select(complaint_addition.c.complaint_id).where(complaint_addition.c.id == made)
    return ComplaintId(await tx.scalar(of_addition) or made)


async def add_concerns(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Each of `id`, `complaint_id`, `position` and `text_sealed`."""
    if rows:
        await tx.execute(sa.insert(complaint_concern), list(rows))


async def add_addition(tx: Tx, complaint_id: ComplaintId, addition_id: UUID, **values: Any) -> None:
    await tx.execute(sa.insert(complaint_addition).values(id=addition_id, complaint_id=complaint_id, **values))


async def lock(tx: Tx, complaint_id: ComplaintId) -> Complaint | None:
    row = await tx.execute(sa.select(*FIELDS).where(complaint.c.id == complaint_id).with_for_update())
    found = row.mappings().one_or_none()
    return complaint_of(found) if found else None


async def lock_by_number(tx: Tx, number: str) -> Complaint | None:
    row = await tx.execute(sa.select(*FIELDS).where(complaint.c.number == number).with_for_update())
    found = row.mappings().one_or_none()
    return complaint_of(found) if found else None


async def change(tx: Tx, complaint_id: ComplaintId, **values: Any) -> None:
    await tx.execute(sa.update(complaint).where(complaint.c.id == complaint_id).values(**values))


async def assign(tx: Tx, complaint_id: ComplaintId, staff_id: StaffId, *, by: StaffId | None, now: datetime) -> None:
    """`by` is None where the shop did it by itself."""
    row = {"id": new_id(), "complaint_id": complaint_id, "staff_id": staff_id, "assigned_by": by, "at": now}
    await tx.execute(sa.insert(complaint_assignment).values(**row))
    await change(tx, complaint_id, handler_id=staff_id)
    await close_alerts(tx, "complaint_unassigned", [str(complaint_id)], now=now)


async def add_answer(tx: Tx, answer_id: UUID, complaint_id: ComplaintId, **values: Any) -> None:
    await tx.execute(sa.insert(complaint_answer).values(id=answer_id, complaint_id=complaint_id, **values))


async def unsent_by_mail(tx: Tx, complaint_id: ComplaintId) -> UUID | None:
    """The last answer that goes by mail, until its letter went out."""
    by_mail = (complaint_answer.c.complaint_id == complaint_id) & (complaint_answer.c.channel == "mail")
    unsent = sa.select(complaint_answer.c.id).where(by_mail, complaint_answer.c.sent_at.is_(None))
    return await tx.scalar(unsent.order_by(complaint_answer.c.signed_at.desc(), complaint_answer.c.id.desc()).limit(1))


async def answer_sent(tx: Tx, answer_id: UUID, *, now: datetime) -> None:
    """Its letter went out: from now on it counts."""
    await _became(tx, answer_id, now=now, sent_at=now)


async def answer_posted(tx: Tx, answer_id: UUID, complaint_id: ComplaintId, *, at: datetime, now: datetime) -> None:
    """It counts since it was posted. The caller holds the case's lock."""
    await tx.execute(sa.update(complaint_answer).where(complaint_answer.c.id == answer_id).values(sent_at=at))
    await settle(tx, complaint_id, now=now)


async def answer_bounced(tx: Tx, answer_id: UUID, *, now: datetime) -> None:
    """Its letter came back: it never counted, and the clock is what it was (E86)."""
    await _became(tx, answer_id, complaint_answer.c.sent_at.is_not(None), now=now, bounced_at=now)


async def _became(tx: Tx, answer_id: UUID, *where: sa.ColumnElement[bool], now: datetime, **values: Any) -> None:
    """The case is locked first, so that two answers of one case are settled one after the other."""
    of_answer = sa.select(complaint_answer.c.complaint_id).where(complaint_answer.c.id == answer_id)
    mine = sa.select(complaint.c.id).where(complaint.c.id == of_answer.scalar_subquery())
    case = await tx.scalar(mine.with_for_update())
    if case is not None:
        await tx.execute(sa.update(complaint_answer).where(complaint_answer.c.id == answer_id, *where).values(**values))
        await settle(tx, ComplaintId(case), now=now)


async def settle(tx: Tx, complaint_id: ComplaintId, *, now: datetime) -> None:
    """Answered since the first answer that reached the person went out. The caller holds the row's lock."""
    reached = complaint_answer.c.sent_at.is_not(None) & complaint_answer.c.bounced_at.is_(None)
    mine = complaint_answer.c.complaint_id == complaint_id
    first = sa.select(sa.func.min(complaint_answer.c.sent_at)).where(mine, reached)
    await change(tx, complaint_id, answered_at=first.scalar_subquery())
    open_, late = (complaint.c.answered_at.is_(None), complaint.c.due_at <= now)
    case = (await tx.execute(sa.select(open_, open_ & late).where(complaint.c.id == complaint_id))).one()
    if not case[0]:
        await close_alerts(tx, "complaint_unreached", [str(complaint_id)], now=now)
    if case[1]:
        await raise_alert(tx, "complaint_late", str(complaint_id), now=now)
    else:
        await close_alerts(tx, "complaint_late", [str(complaint_id)], now=now)


async def due(tx: Tx, *, now: datetime, most: int) -> Sequence[Complaint]:
    """Open complaints at which a step begins, locked; those that somebody else looks at are left to them."""
    wanted = sa.select(*FIELDS).where(complaint.c.answered_at.is_(None), complaint.c.look_at <= now)
    locked = wanted.order_by(complaint.c.look_at).limit(most).with_for_update(skip_locked=True)
    return [complaint_of(row) for row in (await tx.execute(locked)).mappings()]


async def handlers_but(tx: Tx, acting: Sequence[StaffId]) -> Sequence[StaffId]:
    """Who has open complaints and is none of these."""
    rows = await tx.execute(_HANDLERS_BUT, {"acting": list(acting)})
    return [StaffId(row.id) for row in rows]


async def lock_of_handlers(tx: Tx, handlers: Sequence[StaffId], *, most: int) -> list[Complaint]:
    """Open complaints that one of these has, locked; those that somebody else holds at this moment are left."""
    mine = complaint.c.handler_id.in_(handlers) & complaint.c.answered_at.is_(None)
    return await _locked(tx, mine, most=most) if handlers else []


async def lock_of_nobody(tx: Tx, *, most: int) -> list[Complaint]:
    """The same of those about the manager that nobody has."""
    alone = complaint.c.answered_at.is_(None) & complaint.c.handler_id.is_(None) & complaint.c.against.is_not(None)
    return await _locked(tx, alone, most=most)


async def _locked(tx: Tx, which: sa.ColumnElement[bool], *, most: int) -> list[Complaint]:
    found = sa.select(*FIELDS).where(which).order_by(complaint.c.id).limit(most).with_for_update(skip_locked=True)
    return [complaint_of(row) for row in (await tx.execute(found)).mappings()]


# One look into the index for each member of staff, however many complaints there are.
_HANDLERS_BUT: Final = sa.text(
    """
    SELECT staff.id FROM staff
     WHERE staff.id <> ALL(:acting)
       AND EXISTS (SELECT FROM complaint WHERE handler_id = staff.id AND answered_at IS NULL)
    """
).bindparams(sa.bindparam("acting", type_=sa.ARRAY(sa.Uuid)))


async def taken(tx: Tx, cases: Sequence[ComplaintId]) -> Mapping[ComplaintId, Sequence[str]]:
    """The names of the steps that were taken of each."""
    return {row.complaint_id: row.steps for row in await tx.execute(_TAKEN, {"cases": list(cases)})}


async def take_steps(tx: Tx, steps: Sequence[tuple[ComplaintId, Due, Collection[StaffId]]], *, now: datetime) -> None:
    """Each with whom it tells."""
    if steps:
        rows = ((complaint_id, each.name, each.due_at, _array(told)) for complaint_id, each, told in steps)
        values = dict(zip(("cases", "steps", "due", "told"), map(list, zip(*rows, strict=True)), strict=True))
        await tx.execute(_STEPS, {**values, "now": now})


def _array(people: Collection[StaffId]) -> str:
    return f"{{{','.join(map(str, people))}}}"


_MOMENT: Final = sa.DateTime(timezone=True)
# An array is one value, where a thousand of `IN` are written and read one by one.
_TAKEN: Final = (
    sa.text("""
        SELECT complaint_id, array_agg(step) AS steps FROM complaint_step WHERE complaint_id = ANY(:cases) GROUP BY 1
    """)
    .bindparams(sa.bindparam("cases", type_=ARRAY(sa.Uuid)))
    .columns(complaint_id=sa.Uuid, steps=ARRAY(sa.Text))
)
_STEPS: Final = sa.text("""
    INSERT INTO complaint_step (complaint_id, step, due_at, happened_at, told)
    SELECT complaint_id, step, due_at, :now, CAST(told AS uuid[])
      FROM unnest(:cases, :steps, :due, :told) AS new (complaint_id, step, due_at, told)
        ON CONFLICT DO NOTHING
""").bindparams(
    sa.bindparam("cases", type_=ARRAY(sa.Uuid)),
    sa.bindparam("steps", type_=ARRAY(sa.Text)),
    sa.bindparam("due", type_=ARRAY(_MOMENT)),
    # An array of arrays has rows of one length: these go as they are written.
    sa.bindparam("told", type_=ARRAY(sa.Text)),
    sa.bindparam("now", type_=_MOMENT),
)
_AGAIN: Final = sa.text("""
    UPDATE complaint SET look_at = again.at FROM unnest(:cases, :times) AS again (id, at) WHERE complaint.id = again.id
""").bindparams(sa.bindparam("cases", type_=ARRAY(sa.Uuid)), sa.bindparam("times", type_=ARRAY(_MOMENT)))


async def look_again(tx: Tx, times: Sequence[tuple[ComplaintId, datetime]]) -> None:
    """When to look at each of them again."""
    if times:
        cases, moments = zip(*times, strict=True)
        await tx.execute(_AGAIN, {"cases": list(cases), "times": list(moments)})


async def look_at_all(tx: Tx, *, now: datetime) -> None:
    """The ladder changed: every open complaint is looked at anew."""
    await tx.execute(sa.update(complaint).where(complaint.c.answered_at.is_(None)).values(look_at=now))


async def add_ladder(tx: Tx, steps: Sequence[Step], *, by: StaffId, now: datetime) -> None:
    row = {"id": new_id(), "steps": [step.stored() for step in steps], "made_by": by, "made_at": now}
    await tx.execute(sa.insert(complaint_ladder).values(**row))


def complaint_of(row: Any) -> Complaint:
    values: dict[str, Any] = {column.name: row[column.name] for column in FIELDS}
    values["channel"] = Channel(values["channel"])
    return Complaint(**values)
