"""All SQL that changes what proves, beside a password, who logs in, and the sessions it opens."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.ids import StaffId
from kalecart.staff.ceremony import KnownKey, NewKey
from kalecart.staff.factor_tables import staff_challenge, staff_code, staff_key, staff_recovery
from kalecart.staff.tables import staff, staff_session

OF_A_PERSON = (staff_key, staff_code, staff_recovery, staff_challenge)


async def ask(tx: Tx, token_hash: bytes, purpose: str, staff_id: StaffId | None, *, expires_at: datetime) -> None:
    """Write down what was asked, to be answered once."""
    row = {"token_hash": token_hash, "purpose": purpose, "staff_id": staff_id, "expires_at": expires_at}
    await tx.execute(sa.insert(staff_challenge).values(**row))


async def let_go(tx: Tx, *, now: datetime, most: int) -> None:
    """Forget what nobody answered in time."""
    over = sa.select(staff_challenge.c.token_hash).where(staff_challenge.c.expires_at < now)
    oldest = list(await tx.scalars(over.order_by(staff_challenge.c.expires_at).limit(most)))
    if oldest:
        await tx.execute(sa.delete(staff_challenge).where(staff_challenge.c.token_hash.in_(sorted(oldest))))


async def asked(tx: Tx, token_hash: bytes, purpose: str, *, now: datetime) -> StaffId | None:
    """Who was asked this and may still answer."""
    whom = sa.select(staff_challenge.c.staff_id).where(_open(token_hash, purpose, now))
    found = await tx.scalar(whom)
    return StaffId(found) if found else None


async def answered(tx: Tx, token_hash: bytes, purpose: str, *, now: datetime, by: StaffId | None = None) -> bool:
    """Use up what was asked; False where nobody asked it, it is too old, or it was answered before."""
    mine = _open(token_hash, purpose, now) & staff_challenge.c.staff_id.is_not_distinct_from(by)
    return (await tx.execute(sa.delete(staff_challenge).where(mine))).rowcount == 1


def _open(token_hash: bytes, purpose: str, now: datetime) -> sa.ColumnElement[bool]:
    this = (staff_challenge.c.token_hash == token_hash) & (staff_challenge.c.purpose == purpose)
    return this & (staff_challenge.c.expires_at > now)


async def add_key(tx: Tx, key_id: UUID, staff_id: StaffId, key: NewKey, *, name_sealed: bytes, now: datetime) -> None:
    """Raises ConstraintBroken `staff_key_once` where somebody has it already."""
    row = {"id": key_id, "staff_id": staff_id, "name_sealed": name_sealed, "added_at": now}
    await tx.execute(sa.insert(staff_key).values(**row, **asdict(key)))


async def key(tx: Tx, credential_id: bytes) -> KnownKey | None:
    """Of somebody who works here."""
    columns = (staff_key.c.id, staff_key.c.staff_id, staff_key.c.public_key, staff_key.c.sign_count)
    here = (staff_key.c.credential_id == credential_id) & staff.c.left_at.is_(None)
    row = (await tx.execute(sa.select(*columns).join(staff).where(here))).mappings().one_or_none()
    return KnownKey(**row) if row else None


async def use_key(tx: Tx, known: KnownKey, *, sign_count: int, now: datetime) -> bool:
    """False where it was used or removed since it was looked up."""
    same = (staff_key.c.id == known.id) & (staff_key.c.sign_count == known.sign_count)
    changed = sa.update(staff_key).where(same).values(sign_count=sign_count, last_used_at=now)
    return (await tx.execute(changed)).rowcount == 1


async def remove_key(tx: Tx, staff_id: StaffId, key_id: UUID) -> bool:
    mine = (staff_key.c.id == key_id) & (staff_key.c.staff_id == staff_id)
    return (await tx.execute(sa.delete(staff_key).where(mine))).rowcount == 1


async def lay_code(tx: Tx, code_id: UUID, staff_id: StaffId, *, secret_sealed: bytes, now: datetime) -> None:
    """A secret that waits for its first code. One that waited before is forgotten, one in use goes on."""
    waiting = (staff_code.c.staff_id == staff_id) & staff_code.c.confirmed_at.is_(None)
    await tx.execute(sa.delete(staff_code).where(waiting))
    row = {"id": code_id, "staff_id": staff_id, "secret_sealed": secret_sealed, "made_at": now}
    await tx.execute(sa.insert(staff_code).values(**row))


async def code(tx: Tx, staff_id: StaffId, *, waiting: bool = False) -> sa.Row | None:
    """`id`, `secret_sealed`, `made_at` and `last_step` of the secret in use, or of the one that waits."""
    columns = (staff_code.c.id, staff_code.c.secret_sealed, staff_code.c.made_at, staff_code.c.last_step)
    unconfirmed = staff_code.c.confirmed_at.is_(None)
    mine = (staff_code.c.staff_id == staff_id) & (unconfirmed if waiting else ~unconfirmed)
    return (await tx.execute(sa.select(*columns).where(mine))).one_or_none()


async def confirm_code(tx: Tx, staff_id: StaffId, code_id: UUID, *, step: int, now: datetime) -> bool:
    """From now on this one counts, and one before it no longer. False where it was confirmed or replaced since."""
    used = (staff_code.c.staff_id == staff_id) & staff_code.c.confirmed_at.is_not(None)
    await tx.execute(sa.delete(staff_code).where(used))
    this = (staff_code.c.id == code_id) & staff_code.c.confirmed_at.is_(None)
    return (await tx.execute(sa.update(staff_code).where(this).values(confirmed_at=now, last_step=step))).rowcount == 1


async def use_code(tx: Tx, code_id: UUID, step: int) -> bool:
    """False where this code, or a later one, was used meanwhile."""
    unused = staff_code.c.last_step.is_(None) | (staff_code.c.last_step < step)
    mine = sa.update(staff_code).where(staff_code.c.id == code_id, unused)
    return (await tx.execute(mine.values(last_step=step))).rowcount == 1


async def remove_code(tx: Tx, staff_id: StaffId) -> bool:
    return (await tx.execute(sa.delete(staff_code).where(staff_code.c.staff_id == staff_id))).rowcount > 0


async def lay_recovery(tx: Tx, staff_id: StaffId, fingerprints: Sequence[bytes], *, now: datetime) -> None:
    """In place of all that were there."""
    await tx.execute(sa.delete(staff_recovery).where(staff_recovery.c.staff_id == staff_id))
    rows = [{"fingerprint": each, "staff_id": staff_id, "made_at": now} for each in fingerprints]
    await tx.execute(sa.insert(staff_recovery), rows)


async def use_recovery(tx: Tx, staff_id: StaffId, fingerprint: bytes) -> bool:
    mine = (staff_recovery.c.fingerprint == fingerprint) & (staff_recovery.c.staff_id == staff_id)
    return (await tx.execute(sa.delete(staff_recovery).where(mine))).rowcount == 1


async def forget(tx: Tx, staff_id: StaffId) -> None:
    """Everything of somebody's."""
    for table in OF_A_PERSON:
        await tx.execute(sa.delete(table).where(table.c.staff_id == staff_id))


async def forget_asked(tx: Tx, staff_id: StaffId) -> None:
    """What they were asked and have not answered: a log-in that was half done ends here."""
    await tx.execute(sa.delete(staff_challenge).where(staff_challenge.c.staff_id == staff_id))


async def note_seen(pg: Pg, token_hash: bytes, now: datetime) -> None:
    await pg.execute("UPDATE staff_session SET last_seen_at = $2 WHERE token_hash = $1", token_hash, now)


async def prove_session(tx: Tx, session_id: UUID, proof: str) -> None:
    """Whoever just proved more than a password goes on in the log-in they did it in."""
    await tx.execute(sa.update(staff_session).where(staff_session.c.id == session_id).values(proof=proof))


async def session_open(tx: Tx, staff_id: StaffId, session_id: UUID) -> bool:
    """Held until the transaction ends, against whoever ends this one alone."""
    mine = (staff_session.c.staff_id == staff_id) & (staff_session.c.id == session_id)
    return await tx.scalar(sa.select(staff_session.c.id).where(mine).with_for_update()) is not None


async def end_other_sessions(tx: Tx, staff_id: StaffId, but: UUID) -> int:
    mine = (staff_session.c.staff_id == staff_id) & (staff_session.c.id != but)
    return (await tx.execute(sa.delete(staff_session).where(mine))).rowcount


async def end_session_of(tx: Tx, staff_id: StaffId, session_id: UUID) -> bool:
    mine = (staff_session.c.staff_id == staff_id) & (staff_session.c.id == session_id)
    return (await tx.execute(sa.delete(staff_session).where(mine))).rowcount == 1


async def change_password(tx: Tx, staff_id: StaffId, password_hash: str, *, before: str) -> bool:
    """False where it was changed since, or they left."""
    still = (staff.c.id == staff_id) & (staff.c.password_hash == before) & staff.c.left_at.is_(None)
    return (await tx.execute(sa.update(staff).where(still).values(password_hash=password_hash))).rowcount == 1
