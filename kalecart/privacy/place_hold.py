"""Keep somebody's details because the law obliges us to, and let them go once it no longer does (C11, E70)."""

import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.customers import store as customers
from kalecart.customers.contact import email_key
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict, Invalid, NotFound
from kalecart.ids import CustomerId, StaffId
from kalecart.privacy import store_erasure
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

GROUND: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")
# A hold ends when it is lifted; somebody has to look that often whether it can be.
LOOKED_AT_WITHIN: Final = timedelta(days=366)


class HeldAlready(Conflict):
    """This person is under this hold already."""


async def place_hold(
    customer_id: CustomerId, *, ground: str, review_at: datetime, by: StaffId, db: Database, clock: Clock
) -> UUID:
    """`ground` is a code or the number of a case. Raises Invalid, NotFound, HeldAlready."""
    now = clock.now()
    if not GROUND.fullmatch(ground):
        raise Invalid({"/ground": "Name the obligation by a code or the number of a case, without spaces."})
    if not now < review_at <= now + LOOKED_AT_WITHIN:
        raise Invalid({"/review_at": "Say when, within a year, somebody looks again whether it is still needed."})
    try:
        async with db.transaction() as tx:
            hold_id = await store_erasure.place_hold(
                tx, customer_id, ground=ground, by=by, review_at=review_at, now=now
            )
            subject = ("customer", customer_id)
            detail = {"hold": hold_id}
            await audit.record(tx, "hold_placed", by=audit.by_staff(by), subject=subject, now=now, detail=detail)
    except ConstraintBroken as error:
        if error.constraint == "legal_hold_one":
            raise HeldAlready("Nothing was changed.") from None
        if error.constraint == "legal_hold_customer_id_known":
            raise NotFound("There is no such customer.") from None
        if error.constraint == "legal_hold_placed_by_known":
            raise NotFound("There is no such member of staff.") from None
        raise
    return hold_id


async def place_hold_on(
    email: str, *, ground: str, review_at: datetime | None, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> UUID:
    """As the manager names them, by the e-mail address on file or by their number. Raises RoleForbids as well."""
    by.require("holds:place")
    async with db.snapshot() as tx:
        found = _number(email)
        if found is None:
            known = await customers.credentials_by_email(tx, vault.blind_index("email", email_key(email.strip())))
            found = known.customer_id if known else None
    if found is None:
        raise Invalid({"/email": "Nobody is known by this address or number."})
    if review_at is None:
        raise Invalid({"/review_at": "Say when somebody looks again whether the hold is still needed."})
    return await place_hold(found, ground=ground, review_at=review_at, by=by.id, db=db, clock=clock)


def _number(typed: str) -> CustomerId | None:
    try:
        return CustomerId(UUID(typed.strip()))
    except ValueError:
        return None


async def lift_hold(hold_id: UUID, *, by: StaffId, db: Database, clock: Clock) -> None:
    """What an erasure kept for it is erased with the next look. Raises NotFound."""
    now = clock.now()
    async with db.transaction() as tx:
        customer_id = await store_erasure.lift_hold(tx, hold_id, now=now)
        if customer_id is None:
            raise NotFound("There is no such hold.")
        subject = ("customer", customer_id)
        detail = {"hold": hold_id}
        await audit.record(tx, "hold_lifted", by=audit.by_staff(by), subject=subject, now=now, detail=detail)
