"""Take in what Stripe tells us: verify, keep its ids together with the promise to settle it, answer."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.ids import TaskId, new_id
from kalecart.jobs import SettleEvent
from kalecart.payments import inbox
from kalecart.steps import step
from kalecart.tasks import Promise

# What changes the books. Anything else is answered and forgotten.
SETTLED_TYPES: Final = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "payment_method.automatically_updated",
        "payment_method.updated",
        "payment_method.detached",
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
    received = inbox.Received(id=event["id"], kind=event["type"], object_id=event["data"]["object"]["id"])
    step("receive_event.verified")
    promised = Promise(id=TaskId(new_id()), job=SettleEvent(event_id=received.id))
    async with db.direct() as pg:
        unsettled = await inbox.receive(pg, received, promised, now=clock.now())
    step("receive_event.written")
    if unsettled:
        dispatcher.hint(promised.id, promised.job.topic)
