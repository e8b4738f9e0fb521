"""What a customer does about an order: confirm its payment at their bank and come back, or cancel it."""

import asyncio
from contextlib import aclosing
from typing import Final

from aiohttp import web

from kalecart.errors import NotFound, Unavailable
from kalecart.ids import OrderId
from kalecart.orders.cancel import TooLateToCancel, cancel_order
from kalecart.orders.order import TRANSITIONS, Asker, OrderStatus
from kalecart.orders.reads import order_view
from kalecart.payments.ask_stripe import ask_after_return
from kalecart.payments.bank_page import bank_page_of
from kalecart.payments.reads import payment_of
from kalecart.payments.reads_money import money_of
from web.identity import customer_of
from web.keys import EDGE, RUNTIME, STREAMS
from web.pages.frame import frame_of, signed_in
from web.pages.order_progress import live_of
from web.pages.orders import order_id_in, shown
from web.pages.rendering import render

# How long a browser that comes back is kept waiting for Stripe's answer; the page goes on asking by itself.
PATIENCE_S: Final = 2.5


async def sent_to_the_bank(request: web.Request) -> web.Response:
    """On to the page of the customer's bank. A link and not a form, so that the policy may forbid forms to leave."""
    order_id, customer, runtime = order_id_in(request), await signed_in(request), request.app[RUNTIME]
    try:
        page = await bank_page_of(
            order_id,
            customer_id=customer,
            db=runtime.db,
            gateway=runtime.gateway,
            api_base=runtime.settings.stripe_api_base,
        )
    except Unavailable as trouble:
        return await shown(request, refusal=trouble, problem="confirm")
    raise web.HTTPSeeOther(page or f"/orders/{order_id}")


async def back_from_the_bank(request: web.Request) -> web.Response:
    """What the address says besides is not read, kept or passed on: only Stripe says what became of a payment (E25)."""
    order_id, runtime = order_id_in(request), request.app[RUNTIME]
    customer = await customer_of(request)
    if customer is None:
        raise web.HTTPSeeOther(f"/log-in?to=/orders/{order_id}")
    async with runtime.db.snapshot() as tx:
        if await order_view(tx, order_id, customer) is None:
            raise NotFound("You have no such order.")
    await ask_after_return(order_id, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher)
    with request.app[EDGE].waiting():
        await _answered(request, order_id)
    raise web.HTTPSeeOther(f"/orders/{order_id}?returned")


async def _answered(request: web.Request, order_id: OrderId) -> None:
    """Wait until the payment no longer waits for its customer, for a little while."""
    streams = request.app[STREAMS]
    if streams.full(order_id):
        return
    try:
        async with asyncio.timeout(PATIENCE_S), aclosing(streams.follow(order_id, quiet_s=PATIENCE_S)) as states:
            async for state in states:
                if state is not None and state.payment != "action_needed":
                    return
    except TimeoutError:
        return


async def cancel_page(request: web.Request) -> web.Response:
    return await _cancel_page(request)


async def cancelled(request: web.Request) -> web.Response:
    order_id, customer, runtime = order_id_in(request), await signed_in(request), request.app[RUNTIME]
    try:
        await cancel_order(
            order_id,
            by=Asker.CUSTOMER,
            customer_id=customer,
            db=runtime.db,
            clock=runtime.clock,
            dispatcher=runtime.dispatcher,
        )
    except TooLateToCancel:
        return await _cancel_page(request, status=409)
    raise web.HTTPSeeOther(f"/orders/{order_id}")


async def _cancel_page(request: web.Request, *, status: int = 200) -> web.Response:
    """What cancelling means for the goods and the money, before it is done."""
    order_id, customer, runtime = order_id_in(request), await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        order = await order_view(tx, order_id, customer)
        if order is None:
            raise NotFound("You have no such order.")
        payment, money = await payment_of(tx, order_id), await money_of(tx, order_id)
    return render(
        "order_cancel.html",
        status=status,
        frame=await frame_of(request),
        order=order,
        live=live_of(order, payment, money, now=runtime.clock.now(), unpaid=runtime.settings.unpaid),
        may_cancel=OrderStatus.CANCELLED in TRANSITIONS[order.status],
        payable_cents=money.remaining_cents,
    )
