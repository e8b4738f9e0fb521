"""Let somebody who lost their passkeys and codes begin again: by a manager, never by themselves (C8)."""

from kalecart.accounts.log_in import email_index
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Conflict, NotFound
from kalecart.ids import StaffId
from kalecart.staff import reads, store, store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.vault import Vault


class ResetOwn(Conflict):
    """Nobody resets their own log-in."""


async def reset_factors(staff_id: StaffId, *, by: StaffMember | None, db: Database, clock: Clock) -> None:
    """Forget every passkey, app and recovery code of theirs, and end all their log-ins; their password stays.

    `by` is None at the command line. Raises RoleForbids, NotFound, and ResetOwn.
    """
    if by is not None:
        by.require("staff:reset")
        if by.id == staff_id:
            raise ResetOwn("Ask another manager, or use ./kale staff reset where the shop runs.")
    now = clock.now()
    async with db.transaction() as tx:
        await store.lock_member(tx, staff_id)
        if await reads.role_here(tx, staff_id) is None:
            raise NotFound("There is no such member of staff.")
        await store_factors.forget(tx, staff_id)
        await store.end_sessions(tx, staff_id)
        await note(tx, Change.RESET, staff_id, by=by.id if by else None, now=now)


async def reset_by_email(email: str, *, db: Database, vault: Vault, clock: Clock) -> None:
    """The same for whoever logs in with an address, at the command line. Raises NotFound."""
    async with db.transaction() as tx:
        staff_id = await reads.ever(tx, email_index(email, vault))
    if staff_id is None:
        raise NotFound("Nobody who works here has this address.")
    await reset_factors(staff_id, by=None, db=db, clock=clock)
