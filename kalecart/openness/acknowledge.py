"""Say that one has read the policy: customers if they like, employees before they go on working (C9)."""

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import CustomerId, StaffId
from kalecart.policy import reads as policy
from kalecart.policy import store


async def acknowledge_as_customer(customer_id: CustomerId, version: str, *, db: Database, clock: Clock) -> None:
    """Saying it again changes nothing. Raises NotFound where there is no such version."""
    async with db.transaction() as tx:
        await policy.version(tx, version)
        await store.acknowledge(tx, customer_id, version, now=clock.now())


async def acknowledge_as_staff(staff_id: StaffId, version: str, *, db: Database, clock: Clock) -> None:
    """On record, because access depends on it. Raises NotFound where there is no such version."""
    by, now = audit.by_staff(staff_id), clock.now()
    async with db.transaction() as tx:
        await policy.version(tx, version)
        for read in await store.acknowledge(tx, staff_id, version, now=now):
            await audit.record(tx, "policy_acknowledged", by=by, subject=("policy_version", read), now=now)
