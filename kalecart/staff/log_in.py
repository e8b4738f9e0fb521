"""Staff log in and out."""

from dataclasses import dataclass
from typing import Final

from kalecart.allowances import Allowance, Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.customers.contact import email_key, parse_email
from kalecart.customers.passwords import fits, hash_password, outdated
from kalecart.customers.problems import Unusable
from kalecart.database import Database
from kalecart.errors import Refused
from kalecart.staff import store
from kalecart.staff.member import STAFF_SESSION_TTL, StaffMember
from kalecart.staff.store import StaffCredentials
from kalecart.vault import Vault

PER_MEMBER: Final = (
    Allowance(kind="staff_log_in_minute", tries=5, seconds=60),
    Allowance(kind="staff_log_in_hour", tries=20, seconds=3600),
)
PER_ORIGIN: Final = (Allowance(kind="staff_log_in_origin", tries=30, seconds=60),)


class WrongStaffLogIn(Refused):
    """The e-mail address and the password do not belong together."""


@dataclass(frozen=True, kw_only=True)
class StaffLogIn:
    """`origin` is the IP address, `session_token` the one in the cookie, which ends."""

    email: str
    password: str
    origin: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "StaffLogIn(***)"


@dataclass(frozen=True, kw_only=True)
class StaffEntered:
    member: StaffMember
    session_token: str


async def log_in_staff(
    asked: StaffLogIn, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> StaffEntered:
    """Begin a session. Raises WrongStaffLogIn without saying which of the two was wrong, and TooManyTries."""
    index = _email_index(asked.email, vault)
    origin = vault.blind_index("origin", asked.origin)
    await allowances.require(PER_ORIGIN, origin)
    await allowances.spend(PER_MEMBER, index)
    async with db.transaction() as tx:
        kept = await store.credentials_by_email(tx, index)
    if not await fits(asked.password, kept.password_hash if kept else None) or kept is None:
        await allowances.spend(PER_ORIGIN, origin)
        raise _wrong()
    renewed = await hash_password(asked.password) if outdated(kept.password_hash) else None
    entered = await _enter(asked, kept, renewed, db=db, clock=clock)
    await allowances.restore(PER_MEMBER, index)
    return entered


async def log_out_staff(session_token: str | None, *, db: Database) -> None:
    """End one session; doing it twice changes nothing."""
    if session_token:
        async with db.transaction() as tx:
            await store.end_session(tx, token_hash(session_token))


def _email_index(typed: str, vault: Vault) -> bytes:
    try:
        return vault.blind_index("email", email_key(parse_email(typed)))
    except Unusable:
        return vault.blind_index("no_email", repr(typed))


async def _enter(
    asked: StaffLogIn, kept: StaffCredentials, renewed: str | None, *, db: Database, clock: Clock
) -> StaffEntered:
    now = clock.now()
    token = new_token()
    async with db.transaction() as tx:
        if not await store.lock_verified(tx, kept):
            raise _wrong()
        if renewed is not None:
            await store.set_password_hash(tx, kept.id, renewed)
        if asked.session_token:
            await store.end_session(tx, token_hash(asked.session_token))
        await store.start_session(tx, token_hash(token), staff_id=kept.id, now=now, expires_at=now + STAFF_SESSION_TTL)
    return StaffEntered(member=StaffMember(id=kept.id, role=kept.role), session_token=token)


def _wrong() -> WrongStaffLogIn:
    return WrongStaffLogIn("Check both and try again.")
