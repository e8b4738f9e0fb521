"""Erase who asked for it and is no customer: whoever wrote without an account, or no longer works here (C10)."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import RequestId
from kalecart.privacy import store
from kalecart.privacy.erase import erase_person


async def erase_other(request_id: RequestId, held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """What `erase_person` does, for whoever the request is about; one that is no more is left as it is."""
    async with db.transaction() as tx:
        request = await store.find(tx, request_id)
        if request is None:
            await tasks.finish(tx, held, now=clock.now())
            return
    await erase_person(request.person, held, request_id=request_id, db=db, clock=clock)
