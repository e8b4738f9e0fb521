"""Bring a correction to where else the detail is: orders that are not packed yet, and Stripe (C7)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kalecart.customers import store as customers
from kalecart.customers.correction import Field, Outcome, Place
from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import AddressId, CustomerId, OrderId
from kalecart.orders import store as orders
from kalecart.orders.order import REDIRECTABLE


async def bring_orders(
    tx: Tx, past_id: UUID, customer_id: CustomerId, address_id: AddressId, chosen: Sequence[OrderId], *, now: datetime
) -> None:
    """To the new address: those the person chose, and of these those nobody has begun to pack. The rest is told.

    Orders are locked in the order of their ids. Raises NotFound for somebody else's.
    """
    for order_id in sorted(set(chosen)):
        order = await orders.lock(tx, order_id)
        if order.customer_id != customer_id:
            raise NotFound(f"There is no order {order_id}.")
        outcome = Outcome.APPLIED if order.status in REDIRECTABLE else Outcome.TOO_LATE
        if outcome is Outcome.APPLIED:
            await orders.bring_to(tx, order_id, address_id, now=now)
        await customers.note_effect(tx, past_id, Place.ORDER, outcome, order_id=order_id, now=now)


async def note_stripe(tx: Tx, past_id: UUID, customer_id: CustomerId, field: Field, *, now: datetime) -> None:
    """The shop tells Stripe a number and nothing else of a person. The name of a bank account's holder went there
    straight from their browser, with the mandate they signed: it stays until they add the account again.
    """
    kept = field == "name" and await customers.named_at_stripe(tx, customer_id)
    await customers.note_effect(tx, past_id, Place.STRIPE, Outcome.KEPT if kept else Outcome.NOT_HELD, now=now)
