"""What a member of staff logs in with, and where they are logged in, as pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import StaffId
from kalecart.staff.factor_tables import staff_code, staff_key, staff_recovery
from kalecart.staff.reads import session_of
from kalecart.staff.session import Session
from kalecart.staff.tables import staff_session
from kalecart.vault import Place, Vault, key_of


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """One of somebody's, under the name they gave it."""

    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What somebody can prove beside a password; `code_since` is when their app was confirmed."""

    keys: int
    code_since: datetime | None
    recovery_codes: int

    @property
    def any(self) -> bool:
        return self.keys > 0 or self.code_since is not None


async def factors(tx: Tx, staff_id: StaffId) -> Factors:
    def count(table: sa.Table) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(table).where(table.c.staff_id == staff_id).scalar_subquery()

    since = sa.select(sa.func.max(staff_code.c.confirmed_at)).where(staff_code.c.staff_id == staff_id)
    found = await tx.execute(sa.select(count(staff_key), since.scalar_subquery(), count(staff_recovery)))
    keys, code_since, recovery_codes = found.one()
    return Factors(keys=keys, code_since=code_since, recovery_codes=recovery_codes)


async def passkeys(tx: Tx, staff_id: StaffId, vault: Vault) -> Sequence[Passkey]:
    """The first that was added first."""
    mine = sa.select(staff_key).where(staff_key.c.staff_id == staff_id)
    rows = (await tx.execute(mine.order_by(staff_key.c.added_at, staff_key.c.id))).all()
    if not rows:
        return []
    key = await key_of(tx, staff_id, vault)
    return [
        Passkey(
            id=row.id,
            name=key.open(row.name_sealed, Place("staff_key", "name_sealed", row.id)),
            added_at=row.added_at,
            last_used_at=row.last_used_at,
        )
        for row in rows
    ]


async def credential_ids(tx: Tx, staff_id: StaffId) -> Sequence[bytes]:
    return list(await tx.scalars(sa.select(staff_key.c.credential_id).where(staff_key.c.staff_id == staff_id)))


async def sessions(tx: Tx, staff_id: StaffId, *, now: datetime) -> Sequence[Session]:
    """Those that are open, the one used last first."""
    seen = sa.func.coalesce(staff_session.c.last_seen_at, staff_session.c.started_at).label("last_seen_at")
    proof = sa.func.coalesce(staff_session.c.proof, "password").label("proof")
    number = staff_session.c.id.label("session_id")
    columns = (number, seen, proof, staff_session.c.started_at, staff_session.c.expires_at)
    mine = sa.select(*columns).where(staff_session.c.staff_id == staff_id).order_by(seen.desc())
    found = [session_of(row) for row in (await tx.execute(mine)).mappings()]
    return [each for each in found if not each.ended(now)]
