"""Place an order: accepted at once, charged at once by a worker (C15).

One statement decides and writes. Only where it refuses does anything else run, to find out why and say what to do.
"""

from dataclasses import replace

from kalecart.carts.cart import Cart, StaleCart
from kalecart.carts.quote import quote
from kalecart.carts.reads import cart_of
from kalecart.clock import Clock
from kalecart.customers.reads import who
from kalecart.customers.session import LoginNeeded
from kalecart.database import ConstraintBroken, Database, Pg
from kalecart.dispatch import Dispatcher
from kalecart.errors import KaleCartError, Unavailable
from kalecart.ids import CustomerId, TaskId, new_id, new_order_number
from kalecart.jobs import ChargeOrder
from kalecart.orders import reads, refusals, store
from kalecart.orders.order import Order, PlaceOrder
from kalecart.steps import step
from kalecart.tasks import Promise
from kalecart.terms import Terms


async def place_order(asked: PlaceOrder, *, db: Database, clock: Clock, dispatcher: Dispatcher, terms: Terms) -> Order:
    """The order; the same one for the same key or the same cart, however often asked (E1, E2, E4).

    Raises one of `orders.refusals`, StaleCart, LoginNeeded, or Unavailable; then nothing was written and nothing will
    be charged.
    """
    now = clock.now()
    task = Promise(id=TaskId(new_id()), job=ChargeOrder(order_id=asked.order_id, attempt=1))
    try:
        async with db.direct() as pg:
            placed = await store.place(pg, asked, number=new_order_number(), task=task, terms=terms, now=now)
    except ConstraintBroken:
        placed = None
    if placed is not None:
        step("place.written")
        dispatcher.hint(task.id, task.job.topic)
        step("place.hinted")
        return placed
    async with db.direct() as pg:
        return await _repeated_or_refused(pg, asked, clock=clock, terms=terms)


async def _repeated_or_refused(pg: Pg, asked: PlaceOrder, *, clock: Clock, terms: Terms) -> Order:
    asked = replace(asked, customer_id=await _buyer(pg, asked, clock))
    if (order := await store.repeated(pg, asked)) is not None:
        return order
    now = clock.now()
    cart = await cart_of(pg, asked.cart_token, now=now)
    if cart is None or not cart.lines:
        raise refusals.EmptyCart("Put something into the cart first.")
    if cart.version != asked.cart_version or cart.customer_id not in {None, asked.customer_id}:
        raise StaleCart(cart)
    if (refusal := why(cart, asked, terms)) is not None:
        raise refusal
    raise await reads.why_not(pg, asked, now=now) or Unavailable("Something changed this very moment. Try again.")


async def _buyer(pg: Pg, asked: PlaceOrder, clock: Clock) -> CustomerId:
    if asked.customer_id is not None:
        return asked.customer_id
    found = await who(pg, asked.session_hash, clock.now()) if asked.session_hash else None
    if found is None:
        raise LoginNeeded("Log in, or sign up for delivery.")
    return found


def why(cart: Cart, asked: PlaceOrder, terms: Terms) -> KaleCartError | None:
    """What a cart alone says against the order: not enough left, below the minimum, another total."""
    short = [line for line in cart.lines if not line.active or line.on_hand < line.quantity]
    if short:
        return refusals.OutOfStock(
            [
                {"sku": line.sku, "name": line.name, "asked": line.quantity, "left": line.on_hand if line.active else 0}
                for line in short
            ]
        )
    now = quote(cart.lines, terms)
    if now.short_of_minimum_cents:
        return refusals.BelowMinimum(minimum_cents=now.minimum_cents, short_cents=now.short_of_minimum_cents)
    if now.total_cents != asked.expected_total_cents:
        changed = [line for line in cart.lines if line.price_cents != line.shown_cents]
        return refusals.PriceChanged(
            changes=[
                {"sku": line.sku, "name": line.name, "shown_cents": line.shown_cents, "now_cents": line.price_cents}
                for line in changed
            ],
            total_cents=now.total_cents,
            cart_version=cart.version,
        )
    return None
