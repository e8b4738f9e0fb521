"""Take in what Stripe tells us: verify, keep its ids together with the promise to settle it, answer."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.jobs import SettleEvent
from kalecart.payments import store

# What changes the books. Anything else is answered and forgotten.
SETTLED_TYPES: Final = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.canceled",
    }
)


class EventReader(Protocol):
    """Whoever can tell a real event from a forged one."""

    def read_event(self, payload: bytes, signature: str) -> Mapping[str, Any]: ...


async def receive_event(
    payload: bytes, signature: str, *, db: Database, reader: EventReader, clock: Clock, dispatcher: Dispatcher
) -> None:
    """Store the event once, however often it arrives (E28). Raises ForgedEvent before anything is stored (E30)."""
    event = reader.read_event(payload, signature)
    if event["type"] not in SETTLED_TYPES:
        return
    now = clock.now()
    async with db.transaction() as tx:
        object_id = event["data"]["object"]["id"]
        new = await store.receive(tx, event_id=event["id"], kind=event["type"], object_id=object_id, now=now)
        promised = await tasks.promise(tx, SettleEvent(event_id=event["id"]), now=now) if new else None
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
