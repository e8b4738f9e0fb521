"""Another card on the same order: after a decline, or instead of a confirmation the bank waits for."""

from typing import Final

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.errors import Conflict, NotFound, Refused
from kalecart.ids import CustomerId, OrderId, PaymentMethodId
from kalecart.jobs import ChargeOrder
from kalecart.orders import store as orders
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import why_not_with
from kalecart.payments import reads, store
from kalecart.steps import step

# Nobody has so many cards; whoever tries stolen ones has more.
TRIES_MAX: Final = 10


class NothingToPay(Conflict):
    """This order is not waiting for another card."""


class TooManyCards(Refused):
    """Too many cards were tried for this order."""


async def pay_again(
    order_id: OrderId,
    method_id: PaymentMethodId,
    *,
    customer_id: CustomerId,
    db: Database,
    clock: Clock,
    dispatcher: Dispatcher,
) -> None:
    """Choose another card for an order that is not paid and promise one more try.

    Raises NotFound for another customer's order, NothingToPay unless the last try was declined or waits for the
    customer's confirmation, TooManyCards, UnknownCard, AccountNotConfirmed, AccountBarred.
    """
    now = clock.now()
    async with db.transaction() as tx:
        order = await orders.lock(tx, order_id)
        if order.customer_id != customer_id:
            raise NotFound(f"There is no order {order_id}.")
        payment = await reads.payment_of(tx, order_id)
        if order.status == OrderStatus.CANCELLED or not payment.can_pay_again:
            raise NothingToPay("The payment is made, or is being made. Look at the order again in a moment.")
        if len(payment.attempts) >= TRIES_MAX:
            raise TooManyCards("Cancel this order and place a new one, or ask the shop. Nothing was charged.")
        if not await orders.choose_method(tx, order_id, method_id):
            raise await why_not_with(tx, method_id, customer_id)
        await store.abandon_attempt(tx, order_id, now=now)
        await store.set_status(tx, order_id, "created")
        await orders.tell(tx, order_id, "another_card", now=now)
        job = ChargeOrder(order_id=order_id, attempt=len(payment.attempts) + 1)
        promised = await tasks.promise(tx, job, now=now)
        step("pay_again.applied")
    step("pay_again.written")
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
