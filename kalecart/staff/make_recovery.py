"""Fresh recovery codes in place of those before: the paper is lost, or nearly used up."""

from collections.abc import Sequence

from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Conflict
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.staff.prove import prove_staff
from kalecart.staff.reads_factors import factors
from kalecart.staff.recovery import lay_recovery
from kalecart.staff.still_here import still_here
from kalecart.vault import Vault


class NothingToRecover(Conflict):
    """You log in by your password alone."""


async def make_recovery(
    password: str, *, by: StaffMember, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> Sequence[str]:
    """Told this once. Raises Invalid at `/password`, TooManyTries, NothingToRecover, and LogInEnded."""
    await prove_staff(by.id, password, field="/password", db=db, allowances=allowances)
    now = clock.now()
    async with db.transaction() as tx:
        await still_here(tx, by)
        if not (await factors(tx, by.id)).any:
            raise NothingToRecover("Add a passkey or one-time codes first.")
        await note(tx, Change.RECOVERY_MADE, by.id, by=by.id, now=now)
        return await lay_recovery(tx, by.id, vault=vault, now=now)
