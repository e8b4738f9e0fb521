"""Changing the master key while the shop serves: every data key is wrapped anew by the current one, a batch at a time.

A person's data is not touched: it stays sealed under their own key, and only the wrapping of that key changes. Stopping
in the middle loses nothing, because each row says which master key wrapped it; the next run goes on with the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Database, Tx
from kalecart.master_keys import KeyProvider, Wrapped
from kalecart.vault import data_key, index_key, master_key

BATCH_MAX: Final = 2_000

Told = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One master key: since when the database knows it, and how many keys it wraps."""

    name: str
    added_at: datetime
    wraps: int


async def know(tx: Tx, name: str) -> None:
    """Tell the database of a master key. Before the key is in the file: nobody can store what it wraps otherwise."""
    await tx.execute(insert(master_key).values(name=name).on_conflict_do_nothing())


async def standings(db: Database) -> Sequence[Standing]:
    """Every master key the database knows, the newest first."""
    wrapped = sa.select(data_key.c.master_key).union_all(sa.select(index_key.c.master_key)).subquery()
    counted = (
        sa.select(master_key.c.name, master_key.c.added_at, sa.func.count(wrapped.c.master_key).label("wraps"))
        .outerjoin(wrapped, wrapped.c.master_key == master_key.c.name)
        .group_by(master_key.c.name)
        .order_by(master_key.c.added_at.desc(), master_key.c.name)
    )
    async with db.transaction() as tx:
        return [Standing(name=row.name, added_at=row.added_at, wraps=row.wraps) for row in await tx.execute(counted)]


async def rewrap_all(db: Database, provider: KeyProvider, *, told: Told, batch_max: int = BATCH_MAX) -> int:
    """Wrap everything by the current master key; how many data keys that were. `told` is given done and total.

    Begins again from the front until a pass finds nothing: a process that had not seen the new key yet may have wrapped
    somebody's by the old one meanwhile.
    """
    current = provider.name
    async with db.transaction() as tx:
        await _rewrap_index_key(tx, provider)
        old = sa.select(sa.func.count()).select_from(data_key).where(data_key.c.master_key != current)
        total = int(await tx.scalar(old) or 0)
    done = 0
    after = UUID(int=0)
    while True:
        async with db.transaction() as tx:
            last, count = await _rewrap_batch(tx, provider, after=after, limit=batch_max)
        if last is None and after.int == 0:
            return done
        after = last or UUID(int=0)
        done += count
        told(done, max(done, total))


async def _rewrap_batch(tx: Tx, provider: KeyProvider, *, after: UUID, limit: int) -> tuple[UUID | None, int]:
    """The last person looked at, None at the end, and how many keys were rewrapped."""
    of_old = sa.select(data_key.c.customer_id, data_key.c.wrapped, data_key.c.master_key).where(
        data_key.c.master_key != provider.name, data_key.c.customer_id > after
    )
    rows = (await tx.execute(of_old.order_by(data_key.c.customer_id).limit(limit))).all()
    if not rows:
        return None, 0
    anew = [provider.wrap(provider.unwrap(Wrapped(row.wrapped, row.master_key))) for row in rows]
    changed = await tx.execute(
        _CHANGE,
        {
            "ids": [row.customer_id for row in rows],
            "before": [row.wrapped for row in rows],
            "wrapped": [each.key for each in anew],
            "names": [each.master_key for each in anew],
        },
    )
    return rows[-1].customer_id, changed.rowcount


# Whoever was erased or rewrapped by somebody else since we looked is passed over.
_CHANGE: Final = sa.text("""
    UPDATE vault.data_key AS k SET wrapped = new.wrapped, master_key = new.name
      FROM unnest(:ids, :before, :wrapped, :names) AS new (id, before, wrapped, name)
     WHERE k.customer_id = new.id AND k.wrapped = new.before
""").bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)),
    sa.bindparam("before", type_=sa.ARRAY(sa.LargeBinary)),
    sa.bindparam("wrapped", type_=sa.ARRAY(sa.LargeBinary)),
    sa.bindparam("names", type_=sa.ARRAY(sa.Text)),
)


async def _rewrap_index_key(tx: Tx, provider: KeyProvider) -> None:
    """The key itself stays, so every look-up by e-mail or phone number goes on finding people."""
    row = (await tx.execute(sa.select(index_key).with_for_update())).one()
    if row.master_key != provider.name:
        anew = provider.wrap(provider.unwrap(Wrapped(row.wrapped, row.master_key)))
        await tx.execute(sa.update(index_key).values(wrapped=anew.key, master_key=anew.master_key))


async def forget(db: Database, name: str) -> None:
    """Take a master key off the list. Raises ConstraintBroken while anything is wrapped by it: the database refuses."""
    async with db.transaction() as tx:
        await tx.execute(sa.delete(master_key).where(master_key.c.name == name))
