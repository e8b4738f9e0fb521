"""Ask for the password once more before something that a borrowed session must not do."""

from typing import Final

from kalecart.allowances import Allowance, Allowances
from kalecart.customers import store
from kalecart.customers.passwords import fits
from kalecart.customers.store import Credentials
from kalecart.database import Database
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId

PER_CUSTOMER: Final = (
    Allowance(kind="prove", tries=5, seconds=60),
    Allowance(kind="prove_hour", tries=20, seconds=3600),
)


async def prove(
    customer_id: CustomerId, password: str, *, field: str, db: Database, allowances: Allowances
) -> Credentials:
    """What the password was proven against. Raises Invalid at `field` for a wrong one, and TooManyTries."""
    await allowances.spend(PER_CUSTOMER, customer_id.bytes)
    async with db.transaction() as tx:
        kept = await store.credentials_of(tx, customer_id)
    if kept is None:
        raise NotFound("There is no such customer.")
    if not await fits(password, kept.password_hash):
        raise Invalid({field: "This is not your password."})
    await allowances.restore(PER_CUSTOMER, customer_id.bytes)
    return kept
