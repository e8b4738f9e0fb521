"""Have Stripe forget somebody who was erased here: the customer there, and every card and account saved for them."""

from uuid import UUID

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import new_id
from kalecart.payments.gateway import Gateway
from kalecart.privacy import store_erasure


async def forget_at_stripe(
    erasure_id: UUID, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Repeated until Stripe answers; what Stripe does not know is forgotten already."""
    async with db.transaction() as tx:
        stripe_customer_id = await store_erasure.at_stripe(tx, erasure_id)
    if stripe_customer_id is not None:
        # Under a key used before, an error of Stripe's own would be repeated for a day.
        await gateway.delete_customer(stripe_customer_id, key=f"forget:{new_id()}")
    async with db.transaction() as tx:
        await store_erasure.forgotten_at_stripe(tx, erasure_id, now=clock.now())
        await tasks.finish(tx, held, now=clock.now())
