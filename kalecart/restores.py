"""A shop that was restored from a backup stays shut until the erasures since are replayed (E67).

`restore` writes down that it has begun before any key is back, and that it has replayed in the transaction that brings
the keys: no process can find the keys without the stones.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Database, Tx
from kalecart.errors import MustNotStart
from kalecart.ids import new_id
from kalecart.tables import metadata
from kalecart.tombstones import risen

restore_run: Final = sa.Table(
    "restore_run",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("backup", sa.Text, nullable=False),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("replayed_at", sa.DateTime(timezone=True)),
    schema="vault",
)


async def begin_restore(tx: Tx, backup: str, *, now: datetime) -> None:
    """`backup` is the name of the set. From here on nobody starts."""
    await tx.execute(sa.insert(restore_run).values(id=new_id(), backup=backup, begun_at=now))


async def end_restore(tx: Tx, *, now: datetime) -> None:
    await tx.execute(sa.update(restore_run).where(restore_run.c.replayed_at.is_(None)).values(replayed_at=now))


async def refuse_unreplayed(db: Database) -> None:
    """Raises MustNotStart where a restore has not come to its end."""
    async with db.transaction() as tx:
        halfway = await tx.scalar(sa.select(sa.func.count()).where(restore_run.c.replayed_at.is_(None)))
    if halfway:
        raise MustNotStart(
            "this shop was restored from a backup and the erasures since were not replayed; run ./kale restore again."
        )


async def refuse_the_risen(db: Database, told: Sequence[UUID]) -> None:
    """Raises MustNotStart also where somebody who was erased has a key; `told` are the erased known from outside."""
    await refuse_unreplayed(db)
    async with db.transaction() as tx:
        found = await risen(tx, told)
    if found:
        raise MustNotStart(
            f"the keys of {found} who were erased are back, so this is an older copy of the shop; "
            "run ./kale keys replay, which destroys them again."
        )
