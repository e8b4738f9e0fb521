"""Whose training counts until when, what they were told of it, and whether a pause was one (C8, C9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import StaffId
from kalecart.staff.training import GRACE, Trained, trained


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Somebody who works here; `told` are the occasions of letters about their training that were written."""

    staff_id: StaffId
    trained: Trained
    told: frozenset[str]


_STANDINGS: Final = sa.text("""
    SELECT s.id, s.joined_at, (SELECT max(t.expires_at) FROM training AS t WHERE t.staff_id = s.id) AS until,
           ARRAY(SELECT m.occasion FROM mail AS m WHERE m.kind = 'training_due' AND m.subject_id = s.id) AS told
      FROM staff AS s WHERE s.left_at IS NULL ORDER BY s.id
""")


async def standings(tx: Tx) -> Sequence[Standing]:
    """Of everybody who works here."""
    return [
        Standing(
            staff_id=StaffId(row.id), trained=trained(row.until, joined_at=row.joined_at), told=frozenset(row.told)
        )
        for row in await tx.execute(_STANDINGS)
    ]


_STANDING: Final = sa.text("""
    SELECT s.joined_at, (SELECT max(t.expires_at) FROM training AS t WHERE t.staff_id = s.id) AS until
      FROM staff AS s WHERE s.id = :id AND s.left_at IS NULL
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def standing(tx: Tx, staff_id: StaffId) -> Trained | None:
    """Of one; None for who does not work here."""
    row = (await tx.execute(_STANDING, {"id": staff_id})).one_or_none()
    return trained(row.until, joined_at=row.joined_at) if row else None


# As it was known when they looked: a training that is written down later excuses nothing.
_SEEN_WHILE_PAUSED: Final = sa.text("""
    SELECT count(*) FROM staff_view AS v JOIN staff AS s ON s.id = v.staff_id
     WHERE v.at > :since
       AND (coalesce((SELECT max(t.expires_at) FROM training AS t
                       WHERE t.staff_id = v.staff_id AND t.recorded_at <= v.at), s.joined_at + :grace) <= v.at
            OR EXISTS (SELECT FROM policy_delivery AS d
                        WHERE d.person_id = v.staff_id AND d.acknowledge_by < v.at
                          AND (d.acknowledged_at <= v.at) IS NOT TRUE))
""").bindparams(
    sa.bindparam("since", type_=sa.DateTime(timezone=True)),
    sa.bindparam("grace", GRACE, type_=sa.Interval),
)


async def seen_while_paused(tx: Tx, *, since: datetime) -> int:
    """Looks at somebody's details by people whose access pauses: untrained, or without having read the policy."""
    return int(await tx.scalar(_SEEN_WHILE_PAUSED, {"since": since}) or 0)
