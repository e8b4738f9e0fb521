"""All SQL that finds who is to be told of the policy: customers, staff and versions in one statement each."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx

# Who signed up later saw it then, and the consent says so; who was erased is told nothing.
_CUSTOMERS: Final = sa.text("""
    INSERT INTO policy_delivery (person_id, version, person_kind, promised_at)
    SELECT c.id, v.version, 'customer', :now FROM policy_version AS v, customer AS c
     WHERE v.version = :version AND c.signed_up_at < v.published_at AND c.id > :after
       AND NOT EXISTS (SELECT FROM vault.tombstone AS t WHERE t.person_id = c.id)
       AND NOT EXISTS (SELECT FROM policy_delivery AS d WHERE d.person_id = c.id AND d.version = v.version)
     ORDER BY c.id LIMIT :most
        ON CONFLICT DO NOTHING
 RETURNING person_id
""").bindparams(sa.bindparam("after", type_=sa.Uuid), sa.bindparam("now", type_=sa.DateTime(timezone=True)))

# Of what is in force and of what is to come, whenever somebody joined.
_STAFF: Final = sa.text("""
    INSERT INTO policy_delivery (person_id, version, person_kind, promised_at, acknowledge_by)
    SELECT s.id, v.version, 'staff', :now, :by FROM policy_version AS v, staff AS s
     WHERE s.left_at IS NULL
       AND v.effective_on >= (SELECT max(effective_on) FROM policy_version WHERE effective_on <= :today)
       AND NOT EXISTS (SELECT FROM policy_delivery AS d WHERE d.person_id = s.id AND d.version = v.version)
        ON CONFLICT DO NOTHING
 RETURNING person_id, version
""").bindparams(
    sa.bindparam("today", type_=sa.Date),
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "by")),
)


async def add_customers(tx: Tx, version: str, *, after: UUID, most: int, now: datetime) -> Sequence[UUID]:
    """The next customers who are to be told, in the order of their ids."""
    rows = await tx.execute(_CUSTOMERS, {"version": version, "after": after, "most": most, "now": now})
    return sorted(rows.scalars())


async def add_staff(tx: Tx, *, today: date, by: datetime, now: datetime) -> Sequence[tuple[UUID, str]]:
    """Who works here and has not been told of what holds or will hold."""
    rows = await tx.execute(_STAFF, {"today": today, "by": by, "now": now})
    return [(row.person_id, row.version) for row in rows]
