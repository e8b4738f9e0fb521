"""Cancel an order before it is picked: goods and window go back at once, money as soon as Stripe has answered."""

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.dispatch import Dispatcher
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, OrderId, StaffId
from kalecart.jobs import MailKind, SendMail, SettleCancellation
from kalecart.orders import store
from kalecart.orders.order import Asker, Order, OrderMovedOn, OrderStatus
from kalecart.steps import step


class TooLateToCancel(OrderMovedOn):
    """The order can no longer be cancelled."""


async def cancel_order(
    order_id: OrderId,
    *,
    by: Asker,
    db: Database,
    clock: Clock,
    dispatcher: Dispatcher,
    customer_id: CustomerId | None = None,
    staff_id: StaffId | None = None,
) -> Order:
    """Cancel an order and promise that its money is settled; a cancelled one stays as it is.

    `customer_id` is whose order it must be, where a customer asks; `staff_id` who of the staff does, for the audit
    trail. Raises NotFound for another's, TooLateToCancel once picking has begun.
    """
    async with db.transaction() as tx:
        before = await store.lock(tx, order_id)
        if customer_id is not None and before.customer_id != customer_id:
            raise NotFound(f"There is no order {order_id}.")
        if before.status == OrderStatus.CANCELLED:
            return before
        after, promised = await cancel_locked(tx, before, by=by, clock=clock)
        if staff_id is not None:
            await audit.record(
                tx, "order_cancelled", by=audit.by_staff(staff_id), subject=("order", order_id), now=clock.now()
            )
        step("cancel.applied")
    step("cancel.written")
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
    return after


async def cancel_locked(tx: Tx, before: Order, *, by: Asker, clock: Clock) -> tuple[Order, tasks.Promise | None]:
    """The same for an order that the caller has locked, in the caller's transaction."""
    if before.status in {OrderStatus.PICKING, OrderStatus.FULFILLED}:
        raise TooLateToCancel(f"Order {before.number} is being prepared already. Ask the shop about a refund.")
    now = clock.now()
    after = await store.move(tx, before, OrderStatus.CANCELLED, cancelled_at=now)
    await store.give_back(tx, before.id)
    await store.tell(tx, before.id, "cancelled", now=now, by=str(by))
    await tasks.promise(tx, SendMail(kind=MailKind.ORDER_CANCELLED, subject=before.id), now=now, hinted=False)
    return after, await tasks.promise(tx, SettleCancellation(order_id=before.id, cause="cancelled"), now=now)
