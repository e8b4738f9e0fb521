"""Staff log in and out."""

from dataclasses import dataclass
from typing import Final

from kalecart.accounts.log_in import LogIn, WrongLogIn, email_index
from kalecart.accounts.visit import Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.customers.passwords import fits
from kalecart.database import Database
from kalecart.staff import store
from kalecart.staff.member import STAFF_SESSION_TTL, StaffMember
from kalecart.staff.store import StaffCredentials
from kalecart.vault import Vault

PER_MEMBER: Final = (
    Allowance(kind="staff_log_in_minute", tries=5, seconds=60),
    Allowance(kind="staff_log_in_hour", tries=20, seconds=3600),
)
PER_ORIGIN: Final = (Allowance(kind="staff_log_in_origin", tries=30, seconds=60),)


@dataclass(frozen=True, kw_only=True)
class StaffEntered:
    """Who came in, and the token for their cookie."""

    member: StaffMember
    session_token: str


async def log_in_staff(
    asked: LogIn, visit: Visit, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> StaffEntered:
    """Begin a session; the one whose token the visit brings ends (that of the staff cookie).

    Raises WrongLogIn without saying which of the two was wrong, and TooManyTries.
    """
    index = email_index(asked.email, vault)
    origin = vault.blind_index("origin", visit.origin)
    await allowances.require(PER_ORIGIN, origin)
    await allowances.spend(PER_MEMBER, index)
    async with db.transaction() as tx:
        kept = await store.credentials_by_email(tx, index)
    # The hash is not renewed here as a customer's is: the role that serves web pages may not write to `staff`.
    if not await fits(asked.password, kept.password_hash if kept else None) or kept is None:
        await allowances.spend(PER_ORIGIN, origin)
        raise _wrong()
    entered = await _enter(kept, visit, db=db, clock=clock)
    await allowances.restore(PER_MEMBER, index)
    return entered


async def log_out_staff(session_token: str | None, *, db: Database) -> None:
    """End one session; doing it twice changes nothing."""
    if session_token:
        async with db.transaction() as tx:
            await store.end_session(tx, token_hash(session_token))


async def _enter(kept: StaffCredentials, visit: Visit, *, db: Database, clock: Clock) -> StaffEntered:
    now = clock.now()
    token = new_token()
    async with db.transaction() as tx:
        if visit.session_token:
            await store.end_session(tx, token_hash(visit.session_token))
        expires_at = now + STAFF_SESSION_TTL
        if not await store.start_session(tx, token_hash(token), verified=kept, now=now, expires_at=expires_at):
            raise _wrong()
    return StaffEntered(member=StaffMember(id=kept.id, role=kept.role), session_token=token)


def _wrong() -> WrongLogIn:
    return WrongLogIn("Check both and try again.")
