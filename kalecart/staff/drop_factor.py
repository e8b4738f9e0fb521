"""Remove a passkey, or the app that makes one-time codes, from one's own log-in."""

from uuid import UUID

from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Conflict, NotFound
from kalecart.staff import store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.staff.prove import prove_staff
from kalecart.staff.reads_factors import factors
from kalecart.staff.still_here import still_here


class LastFactor(Conflict):
    """You need more than a password here."""


async def remove_key(
    key_id: UUID, password: str, *, by: StaffMember, needed: bool, db: Database, clock: Clock, allowances: Allowances
) -> None:
    """Raises Invalid at `/password`, TooManyTries, NotFound, LogInEnded, and LastFactor where one is `needed`.

    Every other log-in of theirs ends: whoever lost a device is rid of what is open on it as well.
    """
    await prove_staff(by.id, password, field="/password", db=db, allowances=allowances)
    now = clock.now()
    async with db.transaction() as tx:
        await still_here(tx, by)
        if not await store_factors.remove_key(tx, by.id, key_id):
            raise NotFound("There is no such passkey.")
        await _require_another(tx, by, needed=needed)
        await _end_others(tx, by)
        await note(tx, Change.KEY_REMOVED, by.id, by=by.id, now=now, thing=key_id)


async def remove_code(
    password: str, *, by: StaffMember, needed: bool, db: Database, clock: Clock, allowances: Allowances
) -> None:
    """The same. Doing it twice changes nothing."""
    await prove_staff(by.id, password, field="/password", db=db, allowances=allowances)
    now = clock.now()
    async with db.transaction() as tx:
        await still_here(tx, by)
        if await store_factors.remove_code(tx, by.id):
            await _require_another(tx, by, needed=needed)
            await _end_others(tx, by)
            await note(tx, Change.CODE_REMOVED, by.id, by=by.id, now=now)


async def _require_another(tx: Tx, by: StaffMember, *, needed: bool) -> None:
    """What is left after the removal, which is undone where nothing is."""
    if needed and not (await factors(tx, by.id)).any:
        raise LastFactor("Add another passkey or one-time codes first.")


async def _end_others(tx: Tx, by: StaffMember) -> None:
    if by.session is not None:
        await store_factors.end_other_sessions(tx, by.id, by.session.id)
