"""All SQL that changes the register of paper."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import StaffId, new_id
from kalecart.once import made_before
from kalecart.paper.category import Category
from kalecart.paper.item import CabinetId, Early, Paper, PaperId
from kalecart.paper.tables import cabinet, cabinet_key, paper_item

# What a number of a person is called in the register.
Column = Literal["customer_id", "correspondent_id", "staff_id"]
PAPER: Final = tuple(paper_item.c[field.name] for field in fields(Paper))
_MOMENT: Final = sa.DateTime(timezone=True)


async def add_cabinet(tx: Tx, cabinet_id: CabinetId, *, name: str, place: str, by: StaffId, now: datetime) -> None:
    row = {"id": cabinet_id, "name": name, "place": place, "added_by": by, "added_at": now}
    await tx.execute(sa.insert(cabinet).values(**row))


async def hold_cabinet(tx: Tx, cabinet_id: CabinetId) -> None:
    """Keep others from handing its key on until the transaction ends.

    No log-in may change a cabinet, so none may lock one: they take turns by its number.
    """
    turn = int.from_bytes(cabinet_id.bytes[8:], signed=True)
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(turn)))


async def give_key(tx: Tx, cabinet_id: CabinetId, staff_id: StaffId, *, by: StaffId, now: datetime) -> None:
    row = {"id": new_id(), "cabinet_id": cabinet_id, "staff_id": staff_id, "given_by": by, "at": now}
    await tx.execute(sa.insert(cabinet_key).values(**row))


async def filed_before(tx: Tx, paper_id: UUID) -> bool:
    return await made_before(tx, paper_id, paper_item.c.id)


async def add(tx: Tx, paper: Paper, *, person: tuple[Column, UUID] | None) -> None:
    """`person` is whom it is about, where that is known."""
    known: dict[str, Any] = {column.name: getattr(paper, column.name) for column in PAPER}
    if person is not None:
        known[person[0]] = person[1]
    await tx.execute(sa.insert(paper_item).values(**known))


async def lock(tx: Tx, paper_id: PaperId) -> Paper | None:
    found = await tx.execute(sa.select(*PAPER).where(paper_item.c.id == paper_id).with_for_update())
    row = found.mappings().one_or_none()
    return paper_of(row) if row else None


async def change(tx: Tx, paper_id: PaperId, **values: Any) -> None:
    await tx.execute(sa.update(paper_item).where(paper_item.c.id == paper_id).values(**values))


async def due_at_once(tx: Tx, column: str, person_id: UUID, *, now: datetime) -> int:
    """Nothing about this person is needed any more: whatever lies here is to be shredded from now on; how much."""
    theirs = (paper_item.c[column] == person_id) & paper_item.c.shredded_at.is_(None) & (paper_item.c.keep_until > now)
    sooner = sa.func.greatest(paper_item.c.filed_at, sa.literal(now, _MOMENT))
    return (await tx.execute(sa.update(paper_item).where(theirs).values(keep_until=sooner))).rowcount


_WITHOUT_STONE: Final = sa.text("""
    SELECT id, shredded_at FROM paper_item WHERE shredded_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM vault.tombstone AS stone WHERE stone.person_id = paper_item.id)
     ORDER BY shredded_at LIMIT :most
""")
_BY_STONE: Final = sa.text("""
    UPDATE paper_item SET shredded_at = stone.erased_at FROM vault.tombstone AS stone
     WHERE stone.person_id = paper_item.id AND stone.scope = 'paper' AND paper_item.shredded_at IS NULL
""")


async def without_stone(tx: Tx, *, most: int) -> Sequence[tuple[UUID, datetime]]:
    """What was shredded and has left no stone yet, and when that was."""
    return [(row.id, row.shredded_at) for row in await tx.execute(_WITHOUT_STONE, {"most": most})]


async def shredded_by_stone(tx: Tx) -> int:
    """What an older copy of the shop takes for lying here and a stone knows better; how many papers."""
    return (await tx.execute(_BY_STONE)).rowcount


def paper_of(row: Any) -> Paper:
    values: dict[str, Any] = {column.name: row[column.name] for column in PAPER}
    values["what"] = Category(values["what"])
    values["early"] = Early(values["early"]) if values["early"] else None
    return Paper(**values)
