"""Bring a received event into the books. The event only says where to look: Stripe is asked for the present state."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.jobs import SettleEvent
from kalecart.payments import inbox
from kalecart.payments.apply import apply_intent
from kalecart.payments.gateway import Gateway


async def settle_event(
    job: SettleEvent, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Early, late, repeated and foreign events all end here, once (E27, E28, E31)."""
    async with db.direct() as pg:
        if held is not None and await inbox.finish_settled(pg, job.event_id, held, now=clock.now()):
            return
        event = await inbox.unsettled(pg, job.event_id)
    if event is None:
        return
    # A payment that is in the books stays there: nothing to ask.
    snapshot = None if event["paid"] else await gateway.read_intent(event["object_id"])
    async with db.transaction() as tx:
        now = clock.now()
        outcome = "already_paid"
        if snapshot is not None:
            finding = await apply_intent(tx, snapshot, now=now)
            outcome = "foreign" if finding is None else str(finding)
        await inbox.settle(tx, job.event_id, outcome=outcome, now=now)
        await tasks.finish(tx, held, now=now)
