"""What pages show of openness: who was told, who has not read, and how the promises are kept right now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.controls import last_runs
from kalecart.database import Pg, Tx
from kalecart.ids import StaffId
from kalecart.openness.control import CONTROLS, Checked, Run, judged
from kalecart.openness.figures import MEASURES, Figure, shown
from kalecart.policy import reads as policy

# One statement for all figures: the page is public, and each is a look at a table or an index.
_MEASURED: Final = sa.text(
    "SELECT " + ", ".join(f"({measure.sql}) AS m{number}" for number, measure in enumerate(MEASURES))
).bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def figures(tx: Tx, *, now: datetime) -> Sequence[Figure]:
    """Every figure at one instant."""
    counts = (await tx.execute(_MEASURED, {"now": now})).one()
    return [shown(measure, count) for measure, count in zip(MEASURES, counts, strict=True)]


async def checked(tx: Tx, *, now: datetime) -> Sequence[Checked]:
    """Every control with its latest run. A shop begins with its first policy."""
    began = await policy.first_published_at(tx)
    found = await last_runs(tx)
    runs = {name: Run(ran_at=run.ran_at, passed=run.passed) for name, run in found.items()}
    return [judged(control, runs.get(control.name), since=began or now, now=now) for control in CONTROLS]


_NEWS: Final = """
    SELECT d.version FROM policy_delivery AS d JOIN policy_version AS v ON v.version = d.version
     WHERE d.person_id = $1 AND d.acknowledged_at IS NULL ORDER BY v.effective_on DESC LIMIT 1
"""


async def unread_by(pg: Pg, person_id: UUID) -> str | None:
    """The newest version that a person was told of and has not said to have read."""
    return await pg.fetchval(_NEWS, person_id)


_MISSING: Final = sa.text("""
    SELECT count(*) FROM policy_version AS v JOIN customer AS c ON c.signed_up_at < v.published_at
     WHERE NOT EXISTS (SELECT FROM policy_delivery AS d WHERE d.person_id = c.id AND d.version = v.version)
       AND NOT EXISTS (SELECT FROM vault.tombstone AS t WHERE t.person_id = c.id)
""")


async def missing(tx: Tx) -> int:
    """Customers who were there when a version was published and for whom there is no word of it."""
    return int(await tx.scalar(_MISSING) or 0)


@dataclass(frozen=True, kw_only=True)
class Told:
    """How far a version has come with customers or staff. A letter is `lost` that was refused, or never sent."""

    version: str
    kind: str
    people: int
    sent: int
    lost: int
    acknowledged: int


_TOLD: Final = sa.text("""
    SELECT d.version, d.person_kind AS kind, count(*) AS people,
           count(*) FILTER (WHERE m.state = 'sent') AS sent,
           count(*) FILTER (WHERE m.state IN ('failed', 'unknown', 'held') AND d.acknowledged_at IS NULL) AS lost,
           count(d.acknowledged_at) AS acknowledged
      FROM policy_delivery AS d
      LEFT JOIN mail AS m ON m.kind = 'policy_changed' AND m.subject_id = d.person_id AND m.occasion = d.version
     GROUP BY d.version, d.person_kind ORDER BY d.version DESC, d.person_kind
""")


async def told(tx: Tx) -> Sequence[Told]:
    """Each version with how many were told of it, by letter or on a page, the newest first."""
    return [Told(**row) for row in (await tx.execute(_TOLD)).mappings()]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Somebody who works here and has not said that they read a version (E88)."""

    staff_id: StaffId
    role: str
    version: str
    read_by: datetime
    paused: bool


_GAPS: Final = sa.text("""
    SELECT d.person_id AS staff_id, s.role, d.version, d.acknowledge_by AS read_by, d.acknowledge_by < :now AS paused
      FROM policy_delivery AS d JOIN staff AS s ON s.id = d.person_id
     WHERE d.person_kind = 'staff' AND d.acknowledged_at IS NULL AND s.left_at IS NULL
     ORDER BY d.acknowledge_by, d.person_id LIMIT :most
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def gaps(tx: Tx, *, now: datetime, most: int) -> Sequence[Gap]:
    """Who of the staff is still to read which version, the most urgent first."""
    rows: Sequence[Mapping] = (await tx.execute(_GAPS, {"now": now, "most": most})).mappings().all()
    return [Gap(**row) for row in rows]


_LOST: Final = sa.text("""
    SELECT d.person_id FROM policy_delivery AS d
      JOIN mail AS m ON m.kind = 'policy_changed' AND m.subject_id = d.person_id AND m.occasion = d.version
     WHERE d.person_kind = 'customer' AND d.acknowledged_at IS NULL AND d.version = :version
       AND m.state IN ('failed', 'unknown') ORDER BY d.person_id LIMIT :most
""")


async def unreached(tx: Tx, version: str, *, most: int) -> Sequence[UUID]:
    """Customers whose letter about a version was lost and who have not read it on a page either."""
    return list((await tx.execute(_LOST, {"version": version, "most": most})).scalars())
