"""Erased people stay erased: a key is destroyed together with leaving a stone that says so, for good (C10, E67).

A stone holds an id and an instant, nothing of the person. Stones outlive every backup: a restored shop is told of the
erasures it slept through by them, and a process refuses to start where somebody under a stone has a key again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.jobs import KeepTombstone
from kalecart.tables import metadata
from kalecart.tasks import promise
from kalecart.vault import data_key

Scope = Literal["customer", "staff", "correspondent", "source", "package", "paper"]

tombstone: Final = sa.Table(
    "tombstone",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.CheckConstraint(
        "scope IN ('customer', 'staff', 'correspondent', 'source', 'package', 'paper')", name="tombstone_scope_known"
    ),
    schema="vault",
)


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """Who was erased and when; `scope` says in which table the person was. A package of theirs has a key of its own,
    and a paper that was shredded never had one."""

    person_id: UUID
    erased_at: datetime
    scope: Scope


async def shred(tx: Tx, person_id: UUID, *, now: datetime, scope: Scope = "customer") -> bool:
    """Destroy a person's key and leave the stone, in the caller's transaction; False where it was done before.

    From the commit on nothing sealed for them opens, here and in every backup whose keys are gone. A worker writes the
    stone down outside the database as well.
    """
    await tx.execute(sa.delete(data_key).where(data_key.c.customer_id == person_id))
    stone = {"person_id": person_id, "erased_at": now, "scope": scope}
    laid = await tx.execute(insert(tombstone).values(**stone).on_conflict_do_nothing())
    await promise(tx, KeepTombstone(subject=person_id), now=now, hinted=False)
    return laid.rowcount == 1


async def tombstones(tx: Tx) -> Sequence[Tombstone]:
    """All there are, the oldest first."""
    rows = await tx.execute(sa.select(tombstone).order_by(tombstone.c.erased_at, tombstone.c.person_id))
    return [Tombstone(person_id=row.person_id, erased_at=row.erased_at, scope=row.scope) for row in rows]


async def is_erased(tx: Tx, person_id: UUID) -> bool:
    return await erased_at(tx, person_id) is not None


async def erased_at(tx: Tx, person_id: UUID) -> datetime | None:
    """When somebody was erased; None for whoever was not."""
    return await tx.scalar(_ERASED_AT, {"person": person_id})


_ERASED_AT: Final = sa.select(tombstone.c.erased_at).where(tombstone.c.person_id == sa.bindparam("person"))


async def replay(tx: Tx, stones: Sequence[Tombstone]) -> int:
    """Lay the stones a restored shop does not have and destroy the keys that came back; how many keys those were."""
    rows = [{"person_id": each.person_id, "erased_at": each.erased_at, "scope": each.scope} for each in stones]
    if rows:
        await tx.execute(insert(tombstone).on_conflict_do_nothing(), rows)
    risen = sa.delete(data_key).where(data_key.c.customer_id.in_(sa.select(tombstone.c.person_id)))
    return (await tx.execute(risen)).rowcount


async def risen(tx: Tx, told: Sequence[UUID] = ()) -> int:
    """How many under a stone have a key. `told` are people known to be erased from outside the database."""
    under = data_key.c.customer_id.in_(sa.select(tombstone.c.person_id))
    outside = data_key.c.customer_id == sa.any_(sa.bindparam("told", list(told), sa.ARRAY(sa.Uuid)))
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(data_key).where(under | outside)) or 0)
