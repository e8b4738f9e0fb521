"""Have Stripe asked at once what became of a payment: its customer is back from their bank, or staff want to know.

The question is a job, because what it finds is written to the ledger, and only workers may do that.
"""

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.ids import OrderId, StaffId, new_id
from kalecart.jobs import CheckPayment
from kalecart.orders import store as orders
from kalecart.payments import reads

# A bank may send a browser back more than once; the question within so many seconds is the same question.
SAME_QUESTION_S = 3


async def ask_after_return(order_id: OrderId, *, db: Database, clock: Clock, dispatcher: Dispatcher) -> None:
    """Promise the question if the payment still waits for its customer."""
    now = clock.now()
    async with db.direct() as pg:
        if await reads.waiting_for_customer(pg, order_id) is None:
            return
    occasion = f"return@{int(now.timestamp()) // SAME_QUESTION_S}"
    async with db.transaction() as tx:
        promised = await tasks.promise(tx, CheckPayment(order_id=order_id, occasion=occasion), now=now)
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)


async def ask_for_staff(order_id: OrderId, *, by: StaffId, db: Database, clock: Clock, dispatcher: Dispatcher) -> str:
    """Promise the question, on record; the number of the order. Raises NotFound."""
    now = clock.now()
    async with db.transaction() as tx:
        order = await orders.lock(tx, order_id)
        promised = await tasks.promise(tx, CheckPayment(order_id=order_id, occasion=f"staff@{new_id()}"), now=now)
        await audit.record(tx, "payment_checked", by=audit.by_staff(by), subject=("order", order_id), now=now)
    if promised is not None:
        dispatcher.hint(promised.id, promised.job.topic)
    return order.number
