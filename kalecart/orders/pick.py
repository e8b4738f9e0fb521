"""Begin to pick an order, and hand it over: nothing is picked before it is paid or may go ahead (C15)."""

from kalecart import audit
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.ids import OrderId, StaffId
from kalecart.orders import store
from kalecart.orders.order import Order, OrderMovedOn, OrderStatus


async def start_picking(order_id: OrderId, *, by: StaffId, db: Database, clock: Clock) -> Order:
    """Raises NotFound, OrderMovedOn: cancelled in the meantime, not paid yet, or being picked already (E36)."""
    now = clock.now()
    async with db.transaction() as tx:
        order = await store.lock(tx, order_id)
        if order.status == OrderStatus.PLACED and not order.goes_ahead:
            raise OrderMovedOn(f"Order {order.number} is not paid yet.")
        picked = await store.move(tx, order, OrderStatus.PICKING, picking_at=now)
        await store.tell(tx, order_id, "picking", now=now)
        await audit.record(tx, "order_picking", by=audit.by_staff(by), subject=("order", order_id), now=now)
    return picked


async def fulfil(order_id: OrderId, *, by: StaffId, db: Database, clock: Clock) -> Order:
    """The order is at the customer's door. Raises NotFound, OrderMovedOn."""
    now = clock.now()
    async with db.transaction() as tx:
        order = await store.lock(tx, order_id)
        handed = await store.move(tx, order, OrderStatus.FULFILLED)
        await store.tell(tx, order_id, "fulfilled", now=now)
        await disclose(
            tx,
            order.customer_id,
            recipient=Recipient.COURIER,
            fields=(Field.NAME, Field.ADDRESS, Field.PHONE, Field.ORDER_LINES),
            ground=Ground.DELIVERY,
            reference=order_id,
            now=now,
        )
        await audit.record(tx, "order_fulfilled", by=audit.by_staff(by), subject=("order", order_id), now=now)
    return handed
