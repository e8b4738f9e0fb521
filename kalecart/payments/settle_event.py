"""Bring a received event into the books. The event only says where to look: Stripe is asked for the present state."""

from collections.abc import Sequence
from typing import Final

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.jobs import SettleEvent
from kalecart.payments import inbox
from kalecart.payments.apply_method import METHOD_KINDS, MethodLook, apply_method, look_at_method
from kalecart.payments.gateway import Gateway, NotAtStripe
from kalecart.payments.look import Look, apply_look, look_at
from kalecart.steps import step
from kalecart.vault import Vault

ALREADY_PAID: Final = "already_paid"
NOT_THERE: Final = "not_at_stripe"


async def settle_event(
    job: SettleEvent, held: tasks.Held | None, *, db: Database, gateway: Gateway, vault: Vault, clock: Clock
) -> None:
    """Early, late, repeated and foreign events all end here, once (E27, E28, E31)."""
    async with db.direct() as pg:
        if held is not None and await inbox.finish_settled(pg, job.event_id, held, now=clock.now()):
            return
        event = await inbox.unsettled(pg, job.event_id)
    if event is None:
        return
    step("settle_event.begun")
    # A payment that is in the books stays there: nothing to ask.
    outcome, looks = (ALREADY_PAID, []) if event["paid"] else await _look(event["type"], event["object_id"], gateway)
    step("settle_event.looked")
    async with db.transaction() as tx:
        now = clock.now()
        for look in looks:
            if isinstance(look, MethodLook):
                outcome = await apply_method(tx, look, vault=vault, now=now)
            else:
                outcome = await apply_look(tx, look, now=now)
        await inbox.settle(tx, job.event_id, outcome=outcome, now=now)
        await tasks.finish(tx, held, now=now)
        step("settle_event.applied")
    step("settle_event.recorded")


async def _look(kind: str, object_id: str, gateway: Gateway) -> tuple[str, Sequence[Look | MethodLook]]:
    """Stripe may tell of what it then does not know, as a test account does once it was emptied: nothing to apply."""
    try:
        if kind.startswith(METHOD_KINDS):
            return "foreign", await look_at_method(kind, object_id, gateway)
        return "nothing", await look_at(kind, object_id, gateway)
    except NotAtStripe:
        return NOT_THERE, []
