"""Ask Stripe what became of an order's payment, and bring it into the books."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import OrderId
from kalecart.payments import store
from kalecart.payments.apply import apply_intent
from kalecart.payments.gateway import Gateway
from kalecart.payments.intent import SUCCEEDED
from kalecart.steps import step


async def check_payment(
    order_id: OrderId, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Does nothing where the payment is in the books, or Stripe knows nothing of it yet."""
    async with db.direct() as pg:
        collected = await store.collected(pg, order_id)
    if collected is None or collected.stripe_id is None or collected.status == SUCCEEDED:
        return
    step("check_payment.begun")
    snapshot = await gateway.read_intent(collected.stripe_id)
    step("check_payment.looked")
    async with db.transaction() as tx:
        now = clock.now()
        await apply_intent(tx, snapshot, now=now)
        await store.note_checked(tx, order_id, now=now)
        await tasks.finish_fact(tx, held, now=now)
        step("check_payment.applied")
    step("check_payment.recorded")
