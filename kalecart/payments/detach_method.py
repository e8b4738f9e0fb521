"""Have Stripe forget a method that its owner removed."""

from datetime import timedelta
from typing import Final

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import NotYet
from kalecart.ids import PaymentMethodId, new_id
from kalecart.payments import store_methods
from kalecart.payments.gateway import Gateway

LOOK_AGAIN: Final = timedelta(minutes=10)
# Its owner wants it forgotten. What is still to be paid with it after days is declined, and paid another way.
WAIT_MAX: Final = timedelta(days=3)


async def detach_method(
    method_id: PaymentMethodId, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """Raises NotYet while an order that was placed in the moment of the removal is still being paid with it, for at
    most `WAIT_MAX` after the removal."""
    async with db.transaction() as tx:
        method = await store_methods.method(tx, method_id)
        waits = method.removed_at is not None and clock.now() < method.removed_at + WAIT_MAX
        if waits and await store_methods.paying(tx, method_id) is not None:
            raise NotYet("An order is being paid with it.", after=clock.now() + LOOK_AGAIN)
    # Under a key used before, an error of Stripe's own would be repeated for a day.
    await gateway.detach(method.stripe_id, key=f"detach:{new_id()}")
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())
