"""Change the password, and end every log-in that was begun with the old one."""

from dataclasses import dataclass
from functools import partial

from kalecart.accounts.enter import enter
from kalecart.accounts.prove import prove
from kalecart.accounts.visit import Entered, Visit
from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.customers import reads, store
from kalecart.customers.password_rules import parse_password
from kalecart.customers.passwords import hash_password
from kalecart.customers.problems import Problems
from kalecart.database import Database
from kalecart.errors import Conflict
from kalecart.ids import CustomerId
from kalecart.vault import Vault


class PasswordMovedOn(Conflict):
    """The password was changed elsewhere."""


@dataclass(frozen=True, kw_only=True)
class NewPassword:
    current_password: str
    new_password: str

    def __repr__(self) -> str:
        return "NewPassword(***)"


async def change_password(
    asked: NewPassword,
    visit: Visit,
    *,
    customer_id: CustomerId,
    db: Database,
    vault: Vault,
    clock: Clock,
    allowances: Allowances,
) -> Entered:
    """Replace the password; this browser goes on with a new session, all others are logged out.

    Raises Invalid at `/current_password` or `/new_password`, TooManyTries, and PasswordMovedOn.
    """
    verified = await prove(customer_id, asked.current_password, field="/current_password", db=db, allowances=allowances)
    async with db.snapshot() as tx:
        profile = await reads.profile(tx, customer_id, vault)
    problems = Problems()
    strong = partial(parse_password, email=profile.email, name=profile.name)
    password = problems.take("/new_password", strong, asked.new_password, instead="")
    problems.raise_any()
    password_hash = await hash_password(password)
    async with db.transaction() as tx:
        if not await store.lock_verified(tx, verified):
            raise PasswordMovedOn("Log in again with the newest one.")
        await store.change(tx, customer_id, password_hash=password_hash)
        await store.end_sessions(tx, customer_id)
        return await enter(tx, customer_id, visit, now=clock.now())
