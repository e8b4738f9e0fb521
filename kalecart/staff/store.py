"""All SQL that changes staff, what they are designated for, their log-ins, and the record of what they looked at."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CustomerId, StaffId, new_id
from kalecart.once import made_before
from kalecart.staff.designation import Designation, Scope
from kalecart.staff.rights import Role
from kalecart.staff.tables import designation, staff, staff_session, staff_view, training


@dataclass(frozen=True, kw_only=True)
class StaffCredentials:
    """What a log-in is held against."""

    id: StaffId
    role: Role
    password_hash: str


async def add(tx: Tx, staff_id: StaffId, **values: Any) -> None:
    await tx.execute(sa.insert(staff).values(id=staff_id, **values))


async def credentials_by_email(tx: Tx, email_index: bytes) -> StaffCredentials | None:
    """Of somebody who works here; whoever left has none."""
    here = (staff.c.email_index == email_index) & staff.c.left_at.is_(None)
    row = (await tx.execute(sa.select(staff.c.id, staff.c.role, staff.c.password_hash).where(here))).one_or_none()
    if row is None:
        return None
    return StaffCredentials(id=StaffId(row.id), role=Role(row.role), password_hash=row.password_hash)


async def credentials_of(tx: Tx, staff_id: StaffId) -> StaffCredentials | None:
    """The same by number."""
    here = (staff.c.id == staff_id) & staff.c.left_at.is_(None)
    row = (await tx.execute(sa.select(staff.c.id, staff.c.role, staff.c.password_hash).where(here))).one_or_none()
    return StaffCredentials(id=StaffId(row.id), role=Role(row.role), password_hash=row.password_hash) if row else None


async def lock_managers(tx: Tx) -> list[StaffId]:
    """Every manager who works here, held until the transaction ends."""
    managing = sa.select(staff.c.id).where(staff.c.role == Role.MANAGER.value, staff.c.left_at.is_(None))
    rows = await tx.execute(managing.order_by(staff.c.id).with_for_update(key_share=True))
    return [StaffId(each) for each in rows.scalars()]


async def lock_member(tx: Tx, staff_id: StaffId) -> Role | None:
    """The role of somebody who works or worked here, held until the transaction ends."""
    found = sa.select(staff.c.role).where(staff.c.id == staff_id).with_for_update(key_share=True)
    role = await tx.scalar(found)
    return Role(role) if role else None


async def leave(tx: Tx, staff_id: StaffId, *, now: datetime) -> bool:
    """False where they had left before."""
    here = sa.update(staff).where(staff.c.id == staff_id, staff.c.left_at.is_(None))
    return (await tx.execute(here.values(left_at=now))).rowcount == 1


async def change_role(tx: Tx, staff_id: StaffId, role: Role) -> None:
    """Of somebody whom the transaction holds."""
    await tx.execute(sa.update(staff).where(staff.c.id == staff_id).values(role=role.value))


async def held_by(tx: Tx, staff_id: StaffId, *, now: datetime) -> Sequence[Designation]:
    """What somebody is designated for now or later."""
    ends = sa.func.least(designation.c.ends_at, designation.c.revoked_at)
    mine = (designation.c.staff_id == staff_id) & (ends.is_(None) | (ends > now))
    return [designation_of(row) for row in (await tx.execute(sa.select(*DESIGNATED).where(mine))).mappings()]


async def end_sessions(tx: Tx, staff_id: StaffId) -> None:
    await tx.execute(sa.delete(staff_session).where(staff_session.c.staff_id == staff_id))


async def renew_hash(tx: Tx, kept: StaffCredentials, renewed: str) -> StaffCredentials:
    """The same password hashed as one hashes today; as it was where it was changed meanwhile."""
    same = (staff.c.id == kept.id) & (staff.c.password_hash == kept.password_hash)
    changed = await tx.execute(sa.update(staff).where(same).values(password_hash=renewed))
    return replace(kept, password_hash=renewed) if changed.rowcount else kept


async def start_session(
    tx: Tx, token_hash: bytes, *, verified: StaffCredentials, proof: str, now: datetime, expires_at: datetime
) -> bool:
    """Begin a log-in; False where the password changed, or they left, while it was being checked."""
    still = (staff.c.id == verified.id) & (staff.c.password_hash == verified.password_hash) & staff.c.left_at.is_(None)
    given = (*_instants(now, now, expires_at), sa.literal(proof, sa.Text))
    row = sa.select(sa.literal(token_hash, sa.LargeBinary), staff.c.id, *given).where(still)
    columns = ["token_hash", "staff_id", "started_at", "last_seen_at", "expires_at", "proof"]
    return (await tx.execute(sa.insert(staff_session).from_select(columns, row))).rowcount == 1


def _instants(*instants: datetime) -> list[sa.BindParameter[datetime]]:
    return [sa.literal(instant, sa.DateTime(timezone=True)) for instant in instants]


async def end_session(tx: Tx, token_hash: bytes) -> None:
    await tx.execute(sa.delete(staff_session).where(staff_session.c.token_hash == token_hash))


async def add_view(tx: Tx, staff_id: StaffId, *, customer_id: CustomerId, purpose: str, now: datetime) -> None:
    row = {"id": new_id(), "staff_id": staff_id, "customer_id": customer_id, "purpose": purpose, "at": now}
    await tx.execute(sa.insert(staff_view).values(**row))


async def designate(tx: Tx, made: Sequence[Designation], *, by: StaffId | None, now: datetime) -> None:
    """`by` is None where somebody joins as privacy administrator."""
    await tx.execute(sa.insert(designation), [asdict(each) | {"made_by": by, "made_at": now} for each in made])


async def lock_designation(tx: Tx, designation_id: UUID) -> Designation | None:
    """Held until the transaction ends: whoever signs under it at this moment waits, or is waited for."""
    found = sa.select(*DESIGNATED).where(designation.c.id == designation_id).with_for_update()
    row = (await tx.execute(found)).mappings().one_or_none()
    return designation_of(row) if row else None


async def designated_before(tx: Tx, made: UUID) -> Designation | None:
    return await lock_designation(tx, made) if await made_before(tx, made, designation.c.id) else None


async def revoke(tx: Tx, designation_id: UUID, *, now: datetime) -> None:
    await tx.execute(sa.update(designation).where(designation.c.id == designation_id).values(revoked_at=now))


async def trained_before(tx: Tx, made: UUID | None) -> bool:
    return await made_before(tx, made, training.c.id)


async def train(
    tx: Tx,
    staff_id: StaffId,
    *,
    held_on: date,
    expires_at: datetime,
    by: StaffId,
    now: datetime,
    made: UUID | None = None,
) -> UUID:
    row = {"id": made or new_id(), "staff_id": staff_id, "held_on": held_on, "expires_at": expires_at}
    await tx.execute(sa.insert(training).values(**row, recorded_by=by, recorded_at=now))
    return row["id"]


DESIGNATED: Final = tuple(designation.c[field.name] for field in fields(Designation))


def designation_of(row: Any) -> Designation:
    values: dict[str, Any] = {column.name: row[column.name] for column in DESIGNATED}
    values["scope"] = Scope(values["scope"])
    return Designation(**values)
