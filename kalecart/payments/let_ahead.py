"""Let an order go ahead while its bank still moves the money, where the shop's rule allows it (C15)."""

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.ids import OrderId
from kalecart.orders import store as orders
from kalecart.orders.order import OrderStatus
from kalecart.payments import reads, reads_standing
from kalecart.steps import step
from kalecart.terms import GoAhead


async def let_ahead(order_id: OrderId, held: tasks.Held | None, *, db: Database, clock: Clock, rule: GoAhead) -> None:
    """Does nothing where the debit has ended meanwhile, or the order waits for nothing."""
    async with db.transaction() as tx:
        now = clock.now()
        order = await orders.lock(tx, order_id)
        payment = await reads.payment_of(tx, order_id)
        waits = order.status is OrderStatus.PLACED and not order.goes_ahead
        if waits and payment.state == "processing" and payment.kind == "bank":
            standing = await reads_standing.standing_of(tx, order.customer_id, now=now)
            allowed = rule.allows(
                allowed=standing.allowed,
                debits_before=await reads_standing.debits_before(tx, order.customer_id),
                total_cents=order.total_cents,
            )
            if allowed:
                await orders.let_ahead(tx, order_id, goes_ahead=True)
                await orders.tell(tx, order_id, "goes_ahead", now=now)
        await tasks.finish(tx, held, now=now)
        step("let_ahead.applied")
    step("let_ahead.recorded")
