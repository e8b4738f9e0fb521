"""Staff log in with a password, and log out."""

from datetime import timedelta
from typing import Final

from kalecart.accounts.log_in import LogIn, email_index
from kalecart.accounts.visit import Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.customers.passwords import fits, hash_password, outdated
from kalecart.database import Database
from kalecart.errors import Refused
from kalecart.staff import store, store_factors
from kalecart.staff.enter import StaffEntered, enter, wrong
from kalecart.staff.reads_factors import Factors, factors
from kalecart.staff.session import Proof
from kalecart.vault import Vault

PER_MEMBER: Final = (
    Allowance(kind="staff_log_in_minute", tries=5, seconds=60),
    Allowance(kind="staff_log_in_hour", tries=20, seconds=3600),
)
PER_ORIGIN: Final = (Allowance(kind="staff_log_in_origin", tries=30, seconds=60),)
CODE_WITHIN: Final = timedelta(minutes=5)
CODE: Final = "code"


class SecondStepNeeded(Refused):
    """The password was right, and one thing more is needed."""

    def __init__(self, step: str, factors: Factors) -> None:
        """`step` is what the second step is taken with: good for five minutes, and no log-in by itself."""
        super().__init__("Send a one-time code or a recovery code as well, or log in with a passkey.")
        self.step = step
        self.factors = factors


async def log_in_staff(
    asked: LogIn, visit: Visit, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> StaffEntered:
    """Begin a session; the one whose token the visit brings ends (that of the staff cookie).

    Raises WrongLogIn without saying which of the two was wrong, TooManyTries, and SecondStepNeeded for whoever can
    prove more than a password.
    """
    index = email_index(asked.email, vault)
    origin = vault.blind_index("origin", visit.origin)
    await allowances.require(PER_ORIGIN, origin)
    await allowances.spend(PER_MEMBER, index)
    async with db.transaction() as tx:
        kept = await store.credentials_by_email(tx, index)
    if not await fits(asked.password, kept.password_hash if kept else None) or kept is None:
        await allowances.spend(PER_ORIGIN, origin)
        raise wrong()
    renewed = await hash_password(asked.password) if outdated(kept.password_hash) else None
    now = clock.now()
    async with db.transaction() as tx:
        if renewed is not None:
            kept = await store.renew_hash(tx, kept, renewed)
        # Whoever changes the password at this instant waits, or was waited for: what ends log-ins misses none.
        await store.lock_member(tx, kept.id)
        if await store.credentials_of(tx, kept.id) != kept:
            raise wrong()
        has = await factors(tx, kept.id)
        if has.any:
            step = new_token()
            await store_factors.ask(tx, token_hash(step), CODE, kept.id, expires_at=now + CODE_WITHIN)
        else:
            entered = await enter(tx, kept, visit, Proof.PASSWORD, now=now)
    await allowances.restore(PER_MEMBER, index)
    if has.any:
        raise SecondStepNeeded(step, has)
    return entered


async def log_out_staff(session_token: str | None, *, db: Database) -> None:
    """End one session; doing it twice changes nothing."""
    if session_token:
        async with db.transaction() as tx:
            await store.end_session(tx, token_hash(session_token))
