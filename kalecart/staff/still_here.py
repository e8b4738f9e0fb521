"""Whether the log-in that asks for a change of what one logs in with is still open as the change is made."""

from kalecart.database import Tx
from kalecart.errors import Refused
from kalecart.staff import store, store_factors
from kalecart.staff.member import StaffMember


class LogInEnded(Refused):
    """This log-in has ended."""


async def still_here(tx: Tx, member: StaffMember) -> None:
    """Held until the transaction ends: a reset, a new password or an end of this log-in waits, or was waited for.

    Nothing is added for somebody who was thrown out while they asked. Raises LogInEnded.
    """
    await store.lock_member(tx, member.id)
    if member.session is not None and not await store_factors.session_open(tx, member.id, member.session.id):
        raise LogInEnded("Log in again.")
