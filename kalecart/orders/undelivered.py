"""Say that an order could not be delivered, and ask its customer whether address and phone are still right (C7)."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.customers.correction import CheckWhy
from kalecart.customers.store import raise_check
from kalecart.database import Database
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.errors import Invalid
from kalecart.ids import OrderId, StaffId
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind
from kalecart.orders import store
from kalecart.orders.order import OrderMovedOn, OrderStatus

TOLD: Final = "undelivered"
# Nobody drives to the same door twice within it: who says it again has pressed twice.
SAME_TRY: Final = timedelta(minutes=5)


class WhyUndelivered(StrEnum):
    """What the driver met."""

    NOBODY_HOME = "nobody_home"
    WRONG_ADDRESS = "wrong_address"
    PHONE_UNANSWERED = "phone_unanswered"


async def could_not_deliver(order_id: OrderId, why: str, *, by: StaffId, db: Database, clock: Clock) -> None:
    """The order stays on its way, to be tried again. One letter asks, however many tries fail until it is answered.

    Raises NotFound, Invalid where `why` is none of the reasons, OrderMovedOn where nobody was on the way with it.
    """
    if why not in set(WhyUndelivered):
        raise Invalid({"/why": "Choose what the driver met."})
    now = clock.now()
    async with db.transaction() as tx:
        order = await store.lock(tx, order_id)
        if order.status is not OrderStatus.PICKING:
            raise OrderMovedOn(f"Order {order.number} is {order.status}; nobody is on the way with it.")
        if await store.told_since(tx, order_id, TOLD, since=now - SAME_TRY):
            return
        await store.tell(tx, order_id, TOLD, now=now, reason=why)
        await disclose(
            tx,
            order.customer_id,
            recipient=Recipient.COURIER,
            fields=(Field.NAME, Field.ADDRESS, Field.PHONE, Field.ORDER_LINES),
            ground=Ground.DELIVERY,
            reference=order_id,
            now=now,
        )
        check_id = await raise_check(tx, order.customer_id, CheckWhy.DELIVERY_FAILED, now=now)
        if check_id is not None:
            await tasks.promise(tx, SendMail(kind=MailKind.STILL_RIGHT, subject=check_id), now=now, hinted=False)
        await audit.record(tx, "order_undelivered", by=audit.by_staff(by), subject=("order", order_id), now=now)
