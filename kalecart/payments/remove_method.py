"""Take a saved card or bank account away: it is never charged again."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.jobs import DetachMethod
from kalecart.payments import store_methods
from kalecart.payments.method import MethodInUse


async def remove_method(
    method_id: PaymentMethodId, *, customer_id: CustomerId, db: Database, clock: Clock, dispatcher: Dispatcher
) -> None:
    """Remove it here at once and promise that Stripe forgets it too; what is removed stays so.

    Its row stays, because orders name it. Raises NotFound for another customer's, MethodInUse while an order is being
    paid with it.
    """
    now = clock.now()
    async with db.transaction() as tx:
        method = await store_methods.lock_method(tx, method_id, customer_id)
        if method.removed_at is not None:
            return
        number = await store_methods.paying(tx, method_id)
        if number is not None:
            raise MethodInUse(f"Order {number} is being paid with it. Remove it once that is done.")
        await store_methods.change(tx, method_id, removed_at=now, default_since=None)
        promised = await tasks.promise(tx, DetachMethod(method_id=method_id), now=now)
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
