"""Log in with an e-mail address and a password."""

from dataclasses import dataclass
from typing import Final

from kalecart.accounts.enter import enter
from kalecart.accounts.visit import Entered, Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.clock import Clock
from kalecart.customers import store
from kalecart.customers.contact import email_key, parse_email
from kalecart.customers.passwords import fits, hash_password, outdated
from kalecart.customers.problems import Unusable
from kalecart.customers.store import Credentials
from kalecart.database import Database
from kalecart.errors import Refused
from kalecart.vault import Vault

# Every try counts against the account, and knowing the password gives them back; only wrong ones against the origin,
# because many people may share one.
PER_ACCOUNT: Final = (
    Allowance(kind="log_in_minute", tries=5, seconds=60),
    Allowance(kind="log_in_hour", tries=20, seconds=3600),
)
PER_ORIGIN: Final = (Allowance(kind="log_in_origin", tries=30, seconds=60),)


class WrongLogIn(Refused):
    """The e-mail address and the password do not belong together."""


@dataclass(frozen=True, kw_only=True)
class LogIn:
    email: str
    password: str

    def __repr__(self) -> str:
        return "LogIn(***)"


async def log_in(
    asked: LogIn, visit: Visit, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> Entered:
    """Begin a session and bring the cart along.

    Raises WrongLogIn without saying which of the two was wrong, after the same work either way, and TooManyTries.
    """
    index = email_index(asked.email, vault)
    origin = vault.blind_index("origin", visit.origin)
    await allowances.require(PER_ORIGIN, origin)
    await allowances.spend(PER_ACCOUNT, index)
    async with db.transaction() as tx:
        kept = await store.credentials_by_email(tx, index)
    if not await fits(asked.password, kept.password_hash if kept else None) or kept is None:
        await allowances.spend(PER_ORIGIN, origin)
        raise _wrong()
    renewed = await hash_password(asked.password) if outdated(kept.password_hash) else None
    entered = await _enter(kept, visit, renewed, db=db, clock=clock)
    await allowances.restore(PER_ACCOUNT, index)
    return entered


def email_index(typed: str, vault: Vault) -> bytes:
    """Where to look an e-mail address up. One that cannot be is looked up all the same, and is nobody's."""
    try:
        return vault.blind_index("email", email_key(parse_email(typed)))
    except Unusable:
        return vault.blind_index("no_email", repr(typed))


async def _enter(kept: Credentials, visit: Visit, renewed: str | None, *, db: Database, clock: Clock) -> Entered:
    async with db.transaction() as tx:
        if not await store.lock_verified(tx, kept):
            raise _wrong()
        if renewed is not None:
            await store.change(tx, kept.customer_id, password_hash=renewed)
        return await enter(tx, kept.customer_id, visit, now=clock.now())


def _wrong() -> WrongLogIn:
    return WrongLogIn("Check both and try again.")
