"""Ask who works here for their password once more, before what a console left open must not do."""

from typing import Final

from kalecart.allowances import Allowance, Allowances
from kalecart.customers.passwords import fits
from kalecart.database import Database
from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId
from kalecart.staff import store

PER_MEMBER: Final = (
    Allowance(kind="prove_staff", tries=5, seconds=60),
    Allowance(kind="prove_staff_hour", tries=20, seconds=3600),
)


async def prove_staff(staff_id: StaffId, password: str, *, field: str, db: Database, allowances: Allowances) -> None:
    """Raises Invalid at `field` for a wrong one, TooManyTries, and NotFound for who works here no longer."""
    await allowances.spend(PER_MEMBER, staff_id.bytes)
    async with db.transaction() as tx:
        kept = await store.credentials_of(tx, staff_id)
    if kept is None:
        raise NotFound("There is no such member of staff.")
    if not await fits(password, kept.password_hash):
        raise Invalid({field: "This is not your password."})
    await allowances.restore(PER_MEMBER, staff_id.bytes)
