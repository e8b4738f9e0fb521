"""Staff as the console needs them: who is logged in, and who looked at a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.customers.contact import mailable
from kalecart.customers.profile import Reach
from kalecart.database import Pg, Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, StaffId
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right, Role, may
from kalecart.staff.tables import staff, staff_view
from kalecart.vault import Place, Vault, data_key, key_of

_WHO: Final = """
    SELECT staff.id, staff.role,
           (SELECT min(d.acknowledge_by) FROM policy_delivery AS d
             WHERE d.person_id = staff.id AND d.acknowledged_at IS NULL) AS read_by
      FROM staff_session JOIN staff ON staff.id = staff_session.staff_id
     WHERE staff_session.token_hash = $1 AND staff_session.expires_at > $2 AND staff.left_at IS NULL
"""


async def who(pg: Pg, token_hash: bytes, now: datetime) -> StaffMember | None:
    """Whose log-in a cookie's token opens; nobody's once they left, whatever their sessions say."""
    row = await pg.fetchrow(_WHO, token_hash, now)
    if row is None:
        return None
    read_by = row["read_by"]
    paused = read_by is not None and read_by < now
    return StaffMember(id=StaffId(row["id"]), role=Role(row["role"]), read_by=read_by, paused=paused)


async def ever(tx: Tx, email_index: bytes) -> StaffId | None:
    """Who works here, or worked here and is not forgotten yet, under this address."""
    found = await tx.scalar(sa.select(staff.c.id).where(staff.c.email_index == email_index))
    return StaffId(found) if found else None


async def of_role(tx: Tx, role: Role) -> list[StaffId]:
    """Who works here in a role."""
    here = sa.select(staff.c.id).where(staff.c.role == role.value, staff.c.left_at.is_(None))
    return [StaffId(row) for row in await tx.scalars(here.order_by(staff.c.id))]


async def name_of(tx: Tx, staff_id: StaffId, vault: Vault) -> str:
    """What to call a member of staff in the console."""
    found = await tx.execute(
        sa.select(staff.c.name_sealed, data_key.c.wrapped, data_key.c.master_key)
        .join(data_key, data_key.c.customer_id == staff.c.id)
        .where(staff.c.id == staff_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("There is no such member of staff.")
    return vault.unwrap(row.wrapped, row.master_key).open(row.name_sealed, Place("staff", "name_sealed", staff_id))


async def reach_of(tx: Tx, staff_id: StaffId, vault: Vault) -> Reach:
    """How to write to a member of staff."""
    sealed = sa.select(staff.c.name_sealed, staff.c.email_sealed).where(staff.c.id == staff_id)
    row = (await tx.execute(sealed)).one_or_none()
    if row is None:
        raise NotFound("There is no such member of staff.")
    key = await key_of(tx, staff_id, vault)
    name, email = (key.open(getattr(row, column), Place("staff", column, staff_id)) for column in _REACHED)
    return Reach(name=name, email=mailable(email))


async def who_may(tx: Tx, right: Right) -> Sequence[StaffId]:
    """Everybody who works here and has a right."""
    roles = [role for role in Role if may(role, right)]
    found = sa.select(staff.c.id).where(staff.c.role.in_(roles), staff.c.left_at.is_(None)).order_by(staff.c.id)
    return [StaffId(number) for number in (await tx.execute(found)).scalars()]


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who works or worked here and is not forgotten yet."""

    id: StaffId
    name: str
    role: Role
    joined_at: datetime
    left_at: datetime | None

    def __repr__(self) -> str:
        return f"Colleague({self.id})"


async def everybody(tx: Tx, vault: Vault) -> Sequence[Colleague]:
    """Who works here, the longest first, and then who left."""
    found = await tx.execute(
        sa.select(staff, data_key.c.wrapped, data_key.c.master_key)
        .join(data_key, data_key.c.customer_id == staff.c.id)
        .order_by(staff.c.left_at.desc().nulls_first(), staff.c.joined_at, staff.c.id)
    )
    return [
        Colleague(
            id=StaffId(row.id),
            name=vault.unwrap(row.wrapped, row.master_key).open(row.name_sealed, Place("staff", "name_sealed", row.id)),
            role=Role(row.role),
            joined_at=row.joined_at,
            left_at=row.left_at,
        )
        for row in found
    ]


_REACHED: Final = ("name_sealed", "email_sealed")


@dataclass(frozen=True, kw_only=True)
class View:
    """One look at a customer's details."""

    role: Role
    purpose: str
    at: datetime


async def views_of(tx: Tx, customer_id: CustomerId, *, limit: int) -> Sequence[View]:
    """Who looked at a customer and what for, the latest first: by role, because staff are people too (C11)."""
    rows = await tx.execute(
        sa.select(staff.c.role, staff_view.c.purpose, staff_view.c.at)
        .join(staff, staff.c.id == staff_view.c.staff_id)
        .where(staff_view.c.customer_id == customer_id)
        .order_by(staff_view.c.at.desc())
        .limit(limit)
    )
    return [View(role=Role(row.role), purpose=row.purpose, at=row.at) for row in rows]
