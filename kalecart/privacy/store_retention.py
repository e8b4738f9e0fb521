"""All SQL of retention: what is due, what holds keep, what has outlived its rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.database import Tx
from kalecart.ids import CorrespondentId, StaffId, new_id
from kalecart.paper import item as paper
from kalecart.privacy.erasure_tables import retention_run
from kalecart.privacy.retention import (
    ANSWERED,
    COMPLAINT_UNDER_HOLD,
    ENDED,
    OVERDUE,
    SILENT_SINCE,
    UNDER_HOLD,
)

_MOMENT: Final = sa.DateTime(timezone=True)
_DUE: Final = sa.text("""
    SELECT stone.person_id, EXISTS (
               SELECT FROM legal_hold AS hold WHERE hold.customer_id = stone.person_id AND hold.lifted_at IS NULL
           ) AS held
      FROM vault.tombstone AS stone
     WHERE stone.erased_at < :before AND NOT EXISTS (
               SELECT FROM customer_order AS o WHERE o.customer_id = stone.person_id AND o.placed_at >= :before)
       AND (EXISTS (SELECT FROM customer WHERE id = stone.person_id)
            OR EXISTS (SELECT FROM correspondent WHERE id = stone.person_id)
            OR EXISTS (SELECT FROM disclosure WHERE person_id = stone.person_id)
            OR EXISTS (SELECT FROM mail WHERE staff_id = stone.person_id)
            OR EXISTS (SELECT FROM policy_delivery WHERE person_id = stone.person_id))
     ORDER BY stone.erased_at LIMIT :most
""").bindparams(sa.bindparam("before", type_=_MOMENT))


@dataclass(frozen=True, kw_only=True)
class Due:
    """An erased person whose books the law asks for no longer; `held` by an obligation all the same (E70)."""

    person_id: UUID
    held: bool


async def due(tx: Tx, *, before: datetime, limit: int) -> Sequence[Due]:
    rows = await tx.execute(_DUE, {"before": before, "most": limit})
    return [Due(person_id=row.person_id, held=row.held) for row in rows]


async def forget(tx: Tx, person_id: UUID, *, before: datetime) -> int:
    """Delete an erased person's books; how many rows. The database looks for itself whether it may."""
    asked = sa.text("SELECT vault.forget_books(:person, :before)")
    bound = asked.bindparams(sa.bindparam("person", person_id, sa.Uuid), sa.bindparam("before", before, _MOMENT))
    return int(await tx.scalar(bound) or 0)


_SILENT: Final = f"SELECT id FROM correspondent WHERE email_sealed <> '' AND {SILENT_SINCE} < :before"  # noqa: S608  # names of our own


async def silent(tx: Tx, *, before: datetime, limit: int) -> Sequence[CorrespondentId]:
    """People without an account who have not written since, those first whom we know longest."""
    found = sa.text(f"{_SILENT} ORDER BY added_at LIMIT :most")
    rows = await tx.execute(found.bindparams(sa.bindparam("before", before, _MOMENT), most=limit))
    return [CorrespondentId(person) for person in rows.scalars()]


async def is_silent(tx: Tx, correspondent_id: CorrespondentId, *, before: datetime) -> bool:
    """The same of one person, asked again by who holds them."""
    found = sa.text(f"{_SILENT} AND id = :person").bindparams(sa.bindparam("before", before, _MOMENT))
    return await tx.scalar(found.bindparams(sa.bindparam("person", correspondent_id, sa.Uuid))) is not None


async def left(tx: Tx, *, before: datetime, limit: int) -> Sequence[StaffId]:
    """Who left before then and is not forgotten yet."""
    found = sa.text("SELECT id FROM staff WHERE left_at < :before AND email_sealed <> '' ORDER BY left_at LIMIT :most")
    rows = await tx.execute(found.bindparams(sa.bindparam("before", before, _MOMENT), most=limit))
    return [StaffId(person) for person in rows.scalars()]


_REQUESTS: Final = f"""
    SELECT id, {UNDER_HOLD} AS held FROM privacy_request
     WHERE joined_id IS NULL AND {ENDED} < :before ORDER BY {ENDED} LIMIT :most
"""  # noqa: S608  # names of our own
# What belongs to a request goes before it, and those that were joined to it go with it.
_GONE: Final = (
    "DELETE FROM privacy_link WHERE package_id IN (SELECT id FROM privacy_package WHERE request_id = ANY(:those))",
    "DELETE FROM vault.data_key WHERE customer_id IN (SELECT id FROM privacy_package WHERE request_id = ANY(:those))",
    "DELETE FROM privacy_package WHERE request_id = ANY(:those)",
    "DELETE FROM privacy_restriction WHERE request_id = ANY(:those)",
    """
    DELETE FROM privacy_stage
     WHERE request_id IN (SELECT id FROM privacy_request WHERE id = ANY(:those) OR joined_id = ANY(:those))
    """,
    "DELETE FROM privacy_request WHERE id = ANY(:those) OR joined_id = ANY(:those)",
)


async def forget_requests(tx: Tx, *, before: datetime, limit: int) -> tuple[int, int]:
    """Delete requests that ended before then: how many were deleted, and how many a hold keeps (E70)."""
    due = sa.text(_REQUESTS).bindparams(sa.bindparam("before", before, _MOMENT), most=limit)
    rows = (await tx.execute(due)).all()
    those = [row.id for row in rows if not row.held]
    gone = 0
    for statement in _GONE if those else ():
        gone = (await tx.execute(sa.text(statement).bindparams(sa.bindparam("those", those, ARRAY(sa.Uuid))))).rowcount
    return gone, len(rows) - len(those)


_COMPLAINTS: Final = f"""
    SELECT id, {COMPLAINT_UNDER_HOLD} AS held FROM complaint
     WHERE {ANSWERED.format(before=":before")} ORDER BY held, answered_at LIMIT :most
"""  # noqa: S608  # names of our own
_COMPLAINT_GONE: Final = (
    "DELETE FROM complaint_step WHERE complaint_id = ANY(:those)",
    "DELETE FROM complaint_assignment WHERE complaint_id = ANY(:those)",
    "DELETE FROM complaint_addition WHERE complaint_id = ANY(:those)",
    "DELETE FROM complaint_concern WHERE complaint_id = ANY(:those)",
    "DELETE FROM complaint_answer WHERE complaint_id = ANY(:those)",
    "DELETE FROM complaint WHERE id = ANY(:those)",
)


async def forget_complaints(tx: Tx, *, before: datetime, limit: int) -> tuple[int, int]:
    """Delete complaints that were answered before then and that nothing continues: how many were deleted, and how many
    a hold keeps (E70)."""
    due = sa.text(_COMPLAINTS).bindparams(sa.bindparam("before", before, _MOMENT), most=limit)
    rows = (await tx.execute(due)).all()
    those = [row.id for row in rows if not row.held]
    for statement in _COMPLAINT_GONE if those else ():
        await tx.execute(sa.text(statement).bindparams(sa.bindparam("those", those, ARRAY(sa.Uuid))))
    return len(those), len(rows) - len(those)


_PAPER: Final = sa.text(f"""
    DELETE FROM paper_item WHERE id IN (
        SELECT id FROM paper_item WHERE shredded_at < :before AND NOT {paper.UNDER_HOLD}
         ORDER BY shredded_at LIMIT :most)
""").bindparams(sa.bindparam("before", type_=_MOMENT))  # noqa: S608  # names of our own


async def forget_paper(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete the lines about papers that were shredded before then; how many."""
    return (await tx.execute(_PAPER, {"before": before, "most": limit})).rowcount


_FORGET_HABITS: Final = sa.text("""
    DELETE FROM pseudonym WHERE id IN (
        SELECT id FROM pseudonym
         WHERE purpose = 'improve_service'
           AND period IN (SELECT quarter FROM counted_day GROUP BY quarter HAVING max(ends_at) < :before)
         LIMIT :most)
""").bindparams(sa.bindparam("before", type_=_MOMENT))


async def forget_habits(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete pseudonyms of quarters that ended before then, and what was counted under them; how many people's."""
    return (await tx.execute(_FORGET_HABITS, {"before": before, "most": limit})).rowcount


async def overdue(tx: Tx, *, now: datetime) -> Sequence[tuple[str, int]]:
    """What has outlived its rule, as `(rule, how much)`; nothing while everything is removed on time."""
    found = []
    for each in OVERDUE:
        count = sa.text(each.sql)
        if ":now" in each.sql:
            count = count.bindparams(sa.bindparam("now", now, _MOMENT))
        found.append((each.rule, int(await tx.scalar(count) or 0)))
    return [(rule, count) for rule, count in found if count]


async def record(tx: Tx, rule: str, *, gone: int, held: int, now: datetime) -> None:
    row = {"id": new_id(), "rule": rule, "ran_at": now, "gone": gone, "held": held}
    await tx.execute(sa.insert(retention_run).values(**row))
