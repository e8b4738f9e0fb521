"""Have Stripe forget somebody who was erased here: the customer there, and every card and account saved for them."""

from uuid import UUID

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.ids import new_id
from kalecart.payments.gateway import Gateway
from kalecart.privacy import store_erasure


async def forget_at_stripe(
    erasure_id: UUID, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Repeated until Stripe answers; what Stripe does not know is forgotten already."""
    async with db.transaction() as tx:
        known = await store_erasure.at_stripe(tx, erasure_id)
        if known is not None:
            # That somebody wants to be forgotten is told, under a number that by now leads to nobody here.
            told = {"recipient": Recipient.STRIPE, "ground": Ground.LAW, "reference": erasure_id, "now": clock.now()}
            await disclose(tx, known.customer_id, fields=[Field.CUSTOMER_ID], **told)
    if known is not None:
        # Under a key used before, an error of Stripe's own would be repeated for a day.
        await gateway.delete_customer(known.stripe_customer_id, key=f"forget:{new_id()}")
    async with db.transaction() as tx:
        await store_erasure.forgotten_at_stripe(tx, erasure_id, now=clock.now())
        await tasks.finish(tx, held, now=clock.now())
