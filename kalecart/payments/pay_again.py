"""After a decline, another card on the same order."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.dispatch import Dispatcher
from kalecart.errors import Conflict, NotFound
from kalecart.ids import CustomerId, OrderId, PaymentMethodId
from kalecart.jobs import ChargeOrder
from kalecart.orders import store as orders
from kalecart.orders.refusals import UnknownCard
from kalecart.payments import reads, store


class NothingToPay(Conflict):
    """This order is not waiting for another card."""


async def pay_again(
    order_id: OrderId,
    method_id: PaymentMethodId,
    *,
    customer_id: CustomerId,
    db: Database,
    clock: Clock,
    dispatcher: Dispatcher,
) -> None:
    """Choose another card for a declined order and promise one more try.

    Raises NotFound for another customer's order, NothingToPay unless the last try was declined, UnknownCard.
    """
    now = clock.now()
    try:
        async with db.transaction() as tx:
            order = await orders.lock(tx, order_id)
            if order.customer_id != customer_id:
                raise NotFound(f"There is no order {order_id}.")
            payment = await reads.payment_of(tx, order_id)
            if not payment.can_pay_again:
                raise NothingToPay("The payment is made, or is being made. Look at the order again in a moment.")
            await orders.choose_method(tx, order_id, method_id)
            await store.set_status(tx, order_id, "created")
            await orders.tell(tx, order_id, "another_card", now=now)
            job = ChargeOrder(order_id=order_id, attempt=len(payment.attempts) + 1)
            promised = await tasks.promise(tx, job, now=now)
    except ConstraintBroken:
        raise UnknownCard("Choose one of your saved cards or enter another.") from None
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
