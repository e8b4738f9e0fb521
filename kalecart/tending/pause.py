"""Hold a topic back for a while, and let it go again. Promises are accepted meanwhile."""

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.jobs import JOBS
from kalecart.staff.member import StaffMember
from kalecart.tending import store


async def pause_topic(topic: str, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """From here on no task of it is claimed or pushed; what runs may end. Twice is once.

    Raises RoleForbids, and NotFound for a topic there is not.
    """
    by.require("queue:act")
    _known(topic)
    now = clock.now()
    async with db.transaction() as tx:
        if await store.pause(tx, topic, by=by.id, now=now):
            await audit.record(tx, "topic_paused", by=audit.by_staff(by.id), subject=("topic", topic), now=now)


async def resume_topic(topic: str, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """What is due is pushed within a sweep; twice is once. Raises RoleForbids, and NotFound for an unknown topic."""
    by.require("queue:act")
    _known(topic)
    now = clock.now()
    async with db.transaction() as tx:
        if await store.resume(tx, topic, now=now):
            await audit.record(tx, "topic_resumed", by=audit.by_staff(by.id), subject=("topic", topic), now=now)


def _known(topic: str) -> None:
    if topic not in JOBS:
        raise NotFound("There is no such topic.")
