"""All SQL of retention: what is due, what holds keep, what has outlived its rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CorrespondentId, new_id
from kalecart.privacy.erasure_tables import retention_run
from kalecart.privacy.retention import OVERDUE, SILENT_SINCE

_MOMENT: Final = sa.DateTime(timezone=True)
_DUE: Final = sa.text("""
    SELECT stone.person_id, EXISTS (
               SELECT FROM legal_hold AS hold WHERE hold.customer_id = stone.person_id AND hold.lifted_at IS NULL
           ) AS held
      FROM vault.tombstone AS stone JOIN customer ON customer.id = stone.person_id
     WHERE stone.scope = 'customer' AND stone.erased_at < :before AND NOT EXISTS (
               SELECT FROM customer_order AS o WHERE o.customer_id = stone.person_id AND o.placed_at >= :before)
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


async def silent(tx: Tx, *, before: datetime, limit: int) -> Sequence[CorrespondentId]:
    """People without an account who have not written since, those first whom we know longest."""
    found = sa.text(f"""
        SELECT id FROM correspondent WHERE email_sealed <> '' AND {SILENT_SINCE} < :before
         ORDER BY added_at LIMIT :most
    """).bindparams(sa.bindparam("before", before, _MOMENT), most=limit)  # noqa: S608  # names of our own
    return [CorrespondentId(person) for person in (await tx.execute(found)).scalars()]


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
