"""Staff as the console needs them: who is logged in, and who looked at a customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.customers.contact import mailable
from kalecart.customers.profile import Reach
from kalecart.database import Pg, Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, StaffId
from kalecart.staff.designation import ACTING, RESPONSIBLE, Designation, Scope, granted, scope_of, taken
from kalecart.staff.member import ASK, NotDesignated, StaffMember
from kalecart.staff.rights import Right, Role, may
from kalecart.staff.session import Proof, Session
from kalecart.staff.store import DESIGNATED, designation_of
from kalecart.staff.tables import designation, staff, staff_view, training
from kalecart.staff.training import Trained, trained
from kalecart.vault import Place, Vault, data_key, key_of

_WHO: Final = """
    SELECT staff.id, staff.role, staff.joined_at,
           staff_session.id AS session_id, staff_session.started_at, staff_session.expires_at,
           coalesce(staff_session.last_seen_at, staff_session.started_at) AS last_seen_at,
           coalesce(staff_session.proof, 'password') AS proof,
           (SELECT min(d.acknowledge_by) FROM policy_delivery AS d
             WHERE d.person_id = staff.id AND d.acknowledged_at IS NULL) AS read_by,
           (SELECT max(t.expires_at) FROM training AS t WHERE t.staff_id = staff.id) AS trained_until,
           ARRAY(SELECT DISTINCT d.scope FROM designation AS d
                  WHERE d.staff_id = staff.id AND d.starts_at <= $2
                    AND (d.ends_at > $2) IS NOT FALSE AND (d.revoked_at > $2) IS NOT FALSE) AS scopes
      FROM staff_session JOIN staff ON staff.id = staff_session.staff_id
     WHERE staff_session.token_hash = $1 AND staff_session.expires_at > $2 AND staff.left_at IS NULL
       AND (coalesce(staff_session.proof, 'password') <> 'password'
            OR NOT EXISTS (SELECT FROM staff_key AS k WHERE k.staff_id = staff.id)
           AND NOT EXISTS (SELECT FROM staff_code AS c WHERE c.staff_id = staff.id AND c.confirmed_at IS NOT NULL))
"""


async def who(pg: Pg, token_hash: bytes, now: datetime, *, second_factor: bool = False) -> StaffMember | None:
    """Whose log-in a cookie's token opens; nobody's once they left, whatever their sessions say, and once it was not
    used for too long. A password alone opens nothing for whoever can prove more, also where an older copy of the shop
    let it in, or it came in while they added that. With `second_factor` it opens nothing for anybody.
    """
    row = await pg.fetchrow(_WHO, token_hash, now)
    if row is None:
        return None
    session = session_of(row)
    if session.ended(now):
        return None
    read_by = row["read_by"]
    paused = read_by is not None and read_by < now
    role, scopes = Role(row["role"]), [Scope(each) for each in row["scopes"]]
    rights = {"granted": granted(role, scopes), "taken": taken(role, scopes)}
    known = trained(row["trained_until"], joined_at=row["joined_at"])
    return StaffMember(
        id=StaffId(row["id"]),
        role=role,
        read_by=read_by,
        paused=paused,
        trained=known,
        train_by=known.ends_at if known.soon(now) else None,
        untrained=known.lapsed(now),
        unproved=second_factor and not session.proof.second,
        session=session,
        **rights,
    )


def session_of(row: Any) -> Session:
    """A row with the session's own columns, its number as `session_id`."""
    instants = {name: row[name] for name in ("started_at", "last_seen_at", "expires_at")}
    return Session(id=row["session_id"], proof=Proof(row["proof"]), **instants)


async def ever(tx: Tx, email_index: bytes) -> StaffId | None:
    """Who works here, or worked here and is not forgotten yet, under this address."""
    found = await tx.scalar(sa.select(staff.c.id).where(staff.c.email_index == email_index))
    return StaffId(found) if found else None


async def of_role(tx: Tx, role: Role) -> list[StaffId]:
    """Who works here in a role."""
    here = sa.select(staff.c.id).where(staff.c.role == role.value, staff.c.left_at.is_(None))
    return [StaffId(row) for row in await tx.scalars(here.order_by(staff.c.id))]


async def role_here(tx: Tx, staff_id: StaffId) -> Role | None:
    """Of somebody who works here; None for who left, and for nobody."""
    role = await tx.scalar(sa.select(staff.c.role).where(staff.c.id == staff_id, staff.c.left_at.is_(None)))
    return Role(role) if role else None


async def name_of(tx: Tx, staff_id: StaffId, vault: Vault) -> str:
    """What to call a member of staff in the console."""
    found = await names_of(tx, [staff_id], vault)
    if not found:
        raise NotFound("There is no such member of staff.")
    return found[staff_id]


async def names_of(tx: Tx, staff_ids: Collection[StaffId], vault: Vault) -> Mapping[StaffId, str]:
    """The same of several, but for whoever left and is forgotten."""
    found = await tx.execute(
        sa.select(staff.c.id, staff.c.name_sealed, data_key.c.wrapped, data_key.c.master_key)
        .join(data_key, data_key.c.customer_id == staff.c.id)
        .where(staff.c.id.in_(staff_ids))
    )
    keys = ((row, vault.unwrap(row.wrapped, row.master_key)) for row in found)
    return {row.id: key.open(row.name_sealed, Place("staff", "name_sealed", row.id)) for row, key in keys}


async def reach_of(tx: Tx, staff_id: StaffId, vault: Vault) -> Reach:
    """How to write to a member of staff."""
    sealed = sa.select(staff.c.name_sealed, staff.c.email_sealed).where(staff.c.id == staff_id)
    row = (await tx.execute(sealed)).one_or_none()
    if row is None:
        raise NotFound("There is no such member of staff.")
    key = await key_of(tx, staff_id, vault)
    name, email = (key.open(getattr(row, column), Place("staff", column, staff_id)) for column in _REACHED)
    return Reach(name=name, email=mailable(email))


async def who_may(tx: Tx, right: Right, now: datetime) -> Sequence[StaffId]:
    """Everybody who works here and has a right at this instant, by role or because they are designated."""
    scope = scope_of(right)
    having = staff.c.role.in_([role for role in Role if may(role, right) and not taken(role, ())])
    if right in ACTING:
        having |= staff.c.id.in_(sa.select(designation.c.staff_id).where(_in_force(None, now)))
    elif scope is None:
        having = staff.c.role.in_([role for role in Role if may(role, right)])
    else:
        having |= staff.c.id.in_(sa.select(designation.c.staff_id).where(_in_force(scope, now)))
    found = sa.select(staff.c.id).where(having, staff.c.left_at.is_(None)).order_by(staff.c.id)
    return [StaffId(number) for number in (await tx.execute(found)).scalars()]


async def delegates(tx: Tx, scope: Scope, now: datetime) -> Sequence[StaffId]:
    """Who works here and acts for the manager at this instant: never a manager, who needs no designation."""
    inside = staff.c.left_at.is_(None) & (staff.c.role != RESPONSIBLE.value)
    acting = staff.c.id.in_(sa.select(designation.c.staff_id).where(_in_force(scope, now)))
    found = sa.select(staff.c.id).where(inside, acting).order_by(staff.c.id)
    return [StaffId(number) for number in (await tx.execute(found)).scalars()]


async def require_designated(tx: Tx, member: StaffMember, scope: Scope, *, now: datetime) -> None:
    """Raise NotDesignated for whoever is neither a manager nor designated at this instant.

    What the member brings along was looked up when the request began; this looks again, in the transaction of the act.
    """
    acting = sa.select(designation.c.id).where(designation.c.staff_id == staff.c.id, _in_force(scope, now))
    here = (staff.c.left_at.is_(None)) & ((staff.c.role == RESPONSIBLE.value) | acting.exists())
    if await tx.scalar(sa.select(staff.c.id).where(staff.c.id == member.id, here)) is None:
        raise NotDesignated(ASK, right=f"{scope}:act")


async def require_acting(tx: Tx, member: StaffMember, *, now: datetime) -> None:
    """Raise NotDesignated for whoever is neither a manager nor designated for anything at this instant."""
    acting = sa.select(designation.c.id).where(designation.c.staff_id == staff.c.id, _in_force(None, now))
    here = (staff.c.left_at.is_(None)) & ((staff.c.role == RESPONSIBLE.value) | acting.exists())
    if await tx.scalar(sa.select(staff.c.id).where(staff.c.id == member.id, here)) is None:
        raise NotDesignated(ASK, right="audits:hold")


async def lapsed_at(tx: Tx, staff_id: StaffId, scope: Scope, now: datetime) -> datetime | None:
    """Since when somebody who is neither a manager nor designated now is not: they left, or the last one ended."""
    begun = (designation.c.scope == scope.value) & (designation.c.starts_at <= now)
    ends = sa.func.coalesce(sa.func.least(designation.c.ends_at, designation.c.revoked_at), sa.text("'infinity'"))
    over = sa.select(sa.func.max(ends)).where(begun, designation.c.staff_id == staff.c.id).scalar_subquery()
    since = await tx.scalar(sa.select(sa.func.least(over, staff.c.left_at)).where(staff.c.id == staff_id))
    return since if since is not None and since <= now else None


async def designations(tx: Tx) -> Sequence[Designation]:
    """Every one there was, the latest first."""
    rows = await tx.execute(sa.select(*DESIGNATED).order_by(designation.c.starts_at.desc(), designation.c.id.desc()))
    return [designation_of(row) for row in rows.mappings()]


def _in_force(scope: Scope | None, at: datetime) -> sa.ColumnElement[bool]:
    """The rule of `Designation.in_force`, for rows: of a scope, or of any."""
    ends = sa.func.least(designation.c.ends_at, designation.c.revoked_at)
    held = (designation.c.starts_at <= at) & (ends.is_(None) | (ends > at))
    return held if scope is None else held & (designation.c.scope == scope.value)


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who works or worked here and is not forgotten yet."""

    id: StaffId
    name: str
    role: Role
    joined_at: datetime
    left_at: datetime | None
    trained: Trained

    def __repr__(self) -> str:
        return f"Colleague({self.id})"


async def everybody(tx: Tx, vault: Vault) -> Sequence[Colleague]:
    """Who works here, the longest first, and then who left."""
    until = sa.select(sa.func.max(training.c.expires_at)).where(training.c.staff_id == staff.c.id)
    found = await tx.execute(
        sa.select(staff, data_key.c.wrapped, data_key.c.master_key, until.scalar_subquery().label("trained_until"))
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
            trained=trained(row.trained_until, joined_at=row.joined_at),
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
