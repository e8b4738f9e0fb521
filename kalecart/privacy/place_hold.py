"""Keep somebody's details because the law obliges us to, and let them go once it no longer does (C11, E70)."""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict, Invalid, NotFound
from kalecart.ids import CustomerId, StaffId
from kalecart.privacy import store_erasure

GROUND: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")


class HeldAlready(Conflict):
    """This person is under this hold already."""


async def place_hold(
    customer_id: CustomerId, *, ground: str, review_at: datetime, by: StaffId, db: Database, clock: Clock
) -> UUID:
    """`ground` is a code or the number of a case. Raises Invalid, NotFound, HeldAlready."""
    now = clock.now()
    if not GROUND.fullmatch(ground):
        raise Invalid({"/ground": "Name the obligation by a code or the number of a case, without spaces."})
    if review_at <= now:
        raise Invalid({"/review_at": "Say when somebody looks again whether the hold is still needed."})
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
        raise
    return hold_id


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
