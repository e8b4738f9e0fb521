"""Take in what Stripe tells us: verify, keep its ids together with the promise to settle it, answer."""

from typing import Protocol

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.ids import TaskId, new_id
from kalecart.jobs import SettleEvent
from kalecart.payments import inbox
from kalecart.payments.event import EventSnapshot
from kalecart.steps import step
from kalecart.tasks import Promise, raise_alert


class EventReader(Protocol):
    """Whoever can tell a real event from a forged one."""

    def read_event(self, payload: bytes, signature: str) -> EventSnapshot: ...


async def receive_event(
    payload: bytes, signature: str, *, db: Database, reader: EventReader, clock: Clock, dispatcher: Dispatcher
) -> None:
    """Store the event once, however often it arrives (E28). Raises ForgedEvent before anything is stored (E30)."""
    event = reader.read_event(payload, signature)
    if not event.settles:
        return
    if event.foreign:
        await _keep_foreign(event, db=db, clock=clock)
        return
    step("receive_event.verified")
    promised = Promise(id=TaskId(new_id()), job=SettleEvent(event_id=event.stripe_id))
    async with db.direct() as pg:
        unsettled = await inbox.receive(pg, event, promised, now=clock.now())
    step("receive_event.written")
    if unsettled:
        dispatcher.hint(promised.id, promised.job.topic)


async def _keep_foreign(event: EventSnapshot, *, db: Database, clock: Clock) -> None:
    """On record, and never applied: somebody's endpoint or key is set up wrong (E33)."""
    now = clock.now()
    async with db.transaction() as tx:
        if await inbox.keep_foreign(tx, event, now=now):
            await raise_alert(tx, "foreign_event", event.stripe_id, now=now)
