"""The register of paper as pages, the clock and letters need it. Of whom a paper is about it tells nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.correspondents import store as correspondents
from kalecart.customers import store as customers
from kalecart.customers.contact import email_key
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import StaffId
from kalecart.paper.cabinet import Cabinet, Key
from kalecart.paper.category import Category
from kalecart.paper.item import SHRED_WITHIN, UNDER_HOLD, CabinetId, Paper, PaperId, Standing
from kalecart.paper.store import PAPER, Column, paper_of
from kalecart.paper.tables import cabinet as locked
from kalecart.paper.tables import paper_item
from kalecart.staff import reads as staff
from kalecart.vault import Vault

PAGE_ROWS: Final = 100
_MOMENT: Final = sa.DateTime(timezone=True)
_LYING: Final = paper_item.c.shredded_at.is_(None)
_HELD: Final[sa.ColumnElement[bool]] = sa.literal_column(UNDER_HOLD, sa.Boolean)
_FREE: Final = sa.not_(_HELD)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which papers a page asks for; without a standing whatever lies in a cabinet."""

    standing: Standing | None = None
    what: Category | None = None
    cabinet_id: CabinetId | None = None
    page: int = 1


async def papers(tx: Tx, wanted: Wanted, *, now: datetime) -> Sequence[Paper]:
    """A page and one row more where there are further ones: what is to be shredded first, then cabinet by cabinet."""
    which = _which(wanted, now)
    to_shred = sa.and_(paper_item.c.keep_until <= sa.literal(now, _MOMENT), _FREE)
    order = [to_shred.desc(), locked.c.name, paper_item.c.keep_until, paper_item.c.id]
    if wanted.standing is Standing.SHREDDED:
        order = [paper_item.c.shredded_at.desc(), paper_item.c.id]
    found = sa.select(*PAPER).join(locked, locked.c.id == paper_item.c.cabinet_id).where(*which).order_by(*order)
    rows = await tx.execute(found.offset((wanted.page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1))
    return [paper_of(row) for row in rows.mappings()]


def _which(wanted: Wanted, now: datetime) -> list[sa.ColumnElement[bool]]:
    until = paper_item.c.keep_until
    standing = {
        None: [_LYING],
        Standing.KEPT: [_LYING, until > now],
        Standing.DUE: [_LYING, until <= now, _FREE],
        Standing.OVERDUE: [_LYING, until <= now - SHRED_WITHIN, _FREE],
        Standing.SHREDDED: [paper_item.c.shredded_at.is_not(None)],
    }[wanted.standing]
    what = [paper_item.c.what == wanted.what.value] if wanted.what else []
    where = [paper_item.c.cabinet_id == wanted.cabinet_id] if wanted.cabinet_id else []
    return [*standing, *what, *where]


async def under_hold(tx: Tx, paper_ids: Sequence[PaperId]) -> set[PaperId]:
    """Which of them the law obliges the shop to keep: nobody shreds them, and none is late."""
    held = sa.select(paper_item.c.id).where(paper_item.c.id.in_(paper_ids), _LYING, _HELD)
    return {PaperId(each) for each in await tx.scalars(held)}


async def find(tx: Tx, paper_id: PaperId) -> Paper:
    """Raises NotFound."""
    row = (await tx.execute(sa.select(*PAPER).where(paper_item.c.id == paper_id))).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such paper in the register.")
    return paper_of(row)


_KEYS: Final = sa.text("""
    SELECT k.cabinet_id, k.staff_id, k.at, s.left_at FROM cabinet_key AS k JOIN staff AS s ON s.id = k.staff_id
     ORDER BY k.at DESC, k.id DESC
""")


async def cabinets(tx: Tx) -> Sequence[Cabinet]:
    """All of them, each with everybody who had its key."""
    given: dict[UUID, list[Key]] = {}
    for row in await tx.execute(_KEYS):
        key = Key(staff_id=StaffId(row.staff_id), at=row.at, left_at=row.left_at)
        given.setdefault(row.cabinet_id, []).append(key)
    lying = sa.select(sa.func.count()).where(paper_item.c.cabinet_id == locked.c.id, _LYING).scalar_subquery()
    found = await tx.execute(sa.select(locked, lying.label("papers")).order_by(locked.c.name))
    return [
        Cabinet(id=CabinetId(row.id), name=row.name, place=row.place, keys=given.get(row.id, ()), papers=row.papers)
        for row in found
    ]


async def cabinet(tx: Tx, cabinet_id: CabinetId) -> Cabinet:
    """One of them. Raises NotFound."""
    found = next((each for each in await cabinets(tx) if each.id == cabinet_id), None)
    if found is None:
        raise NotFound("There is no such cabinet.")
    return found


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What somebody has to see to: papers to shred, those of them that are late, and cabinets nobody has the key of.

    What is under a legal hold waits for that to end and counts as neither.
    """

    due: int
    overdue: int
    unkept: Sequence[CabinetId]

    @property
    def wrong(self) -> bool:
        return bool(self.overdue or self.unkept)


async def trouble(tx: Tx, *, now: datetime) -> Trouble:
    """How the register stands at this instant."""
    late = paper_item.c.keep_until <= sa.literal(now - SHRED_WITHIN, _MOMENT)
    counted = sa.select(sa.func.count(), sa.func.count().filter(late)).select_from(paper_item)
    due, overdue = (await tx.execute(counted.where(_LYING, paper_item.c.keep_until <= now, _FREE))).one()
    unkept = [each.id for each in await cabinets(tx) if each.unkept(now)]
    return Trouble(due=due, overdue=overdue, unkept=unkept)


async def lying_about(tx: Tx, column: str, person_id: UUID) -> int:
    """How many papers about a person are not shredded yet."""
    theirs = sa.select(sa.func.count()).select_from(paper_item).where(paper_item.c[column] == person_id, _LYING)
    return int(await tx.scalar(theirs) or 0)


_NUMBERED: Final = sa.text(
    "SELECT customer_id, correspondent_id, NULL AS staff_id FROM complaint WHERE number = :typed"
)
_ASKED: Final = sa.text("SELECT customer_id, correspondent_id, staff_id FROM privacy_request WHERE id = :typed")


async def person_named(tx: Tx, typed: str, vault: Vault) -> tuple[Column, UUID] | None:
    """Whom a paper is about, by the number of their complaint, of their request, or by their e-mail address."""
    asked = _uuid(typed)
    if "@" not in typed:
        found = _ASKED.bindparams(sa.bindparam("typed", asked, sa.Uuid)) if asked else _NUMBERED
        row = (await tx.execute(found, {} if asked else {"typed": typed.strip().upper()})).mappings().one_or_none()
        named = ((column, row[column]) for column in _COLUMNS) if row else ()
        return next(((column, number) for column, number in named if number), None)
    index = vault.blind_index("email", email_key(typed.strip()))
    customer = await customers.credentials_by_email(tx, index)
    if customer is not None:
        return "customer_id", customer.customer_id
    writers = await correspondents.with_address(tx, index)
    if writers:
        return "correspondent_id", writers[0]
    colleague = await staff.ever(tx, index)
    return ("staff_id", colleague) if colleague else None


_COLUMNS: Final[tuple[Column, ...]] = ("customer_id", "correspondent_id", "staff_id")


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed.strip())
    except ValueError:
        return None
