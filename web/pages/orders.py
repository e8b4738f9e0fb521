"""Orders: the list, one order that tells how far it is, another card, buying again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from kalecart import tasks
from kalecart.carts.buy_again import buy_again
from kalecart.clock import shop_date
from kalecart.customers import reads as customers
from kalecart.errors import KaleCartError, NotFound, Refused, Unavailable
from kalecart.ids import OrderId
from kalecart.orders.order import TRANSITIONS, OrderStatus
from kalecart.orders.reads import order_view, orders_of
from kalecart.payments.pay_again import NothingToPay, pay_again
from kalecart.payments.reads import methods_of, payment_of
from kalecart.payments.reads_money import money_of
from kalecart.windows.window import label
from web.headers import CARD_FIELD
from web.identity import visitor_hash_of
from web.keys import COOKIES, RUNTIME
from web.pages.cards import card_of, stripe_of
from web.pages.forms import form_of, query_text, sentence
from web.pages.frame import frame_of, partial, signed_in
from web.pages.order_progress import live_of
from web.pages.people import WHY
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

PAGE: Final = 20
STATES: Final[Mapping[OrderStatus, str]] = {
    OrderStatus.PLACED: "Payment open",
    OrderStatus.PAID: "Paid",
    OrderStatus.PICKING: "Being picked",
    OrderStatus.FULFILLED: "Delivered",
    OrderStatus.CANCELLED: "Cancelled",
}


async def orders_page(request: web.Request) -> web.Response:
    customer = await signed_in(request)
    before = instant(query_text(request, "before", most=40))
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await orders_of(tx, customer, limit=PAGE + 1, before=before)
    older = found[PAGE - 1].placed_at.isoformat() if len(found) > PAGE else None
    return render(
        "orders.html",
        frame=await frame_of(request),
        orders=found[:PAGE],
        states=STATES,
        older=older,
        before=before,
    )


async def order_page(request: web.Request) -> web.Response:
    return await shown(request, returned="returned" in request.query)


async def paid_again(request: web.Request) -> web.Response:
    """After a decline, another card on the same order (E22)."""
    order_id, form, runtime = order_id_in(request), await form_of(request), request.app[RUNTIME]
    customer = await signed_in(request)
    async with runtime.db.snapshot() as tx:
        if await order_view(tx, order_id, customer) is None:
            raise NotFound("You have no such order.")
    try:
        card = await card_of(request, form, customer)
        await pay_again(
            order_id, card, customer_id=customer, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher
        )
    except NothingToPay:
        pass  # it was sent twice, or paid in another tab: the page shows how it stands
    except (Refused, Unavailable) as refusal:
        return await shown(request, refusal=refusal, problem="card")
    raise web.HTTPSeeOther(f"/orders/{order_id}")


async def bought_again(request: web.Request) -> web.Response:
    customer, runtime, cookies = await signed_in(request), request.app[RUNTIME], request.app[COOKIES]
    async with runtime.db.snapshot() as tx:
        order = await order_view(tx, order_id_in(request), customer)
    if order is None:
        raise NotFound("You have no such order.")
    wanted = {line.sku: line.quantity for line in order.lines}
    token = cookies.token(request, cookies.cart)
    bought = await buy_again(
        wanted,
        token=token,
        session_hash=visitor_hash_of(request),
        db=runtime.db,
        now=runtime.clock.now(),
    )
    response = web.Response(status=303, headers={"Location": f"/cart?gone={bought.gone}" if bought.gone else "/cart"})
    if bought.token and bought.token != token:
        cookies.set(response, cookies.cart, bought.token)
    return response


async def shown(
    request: web.Request, *, refusal: KaleCartError | None = None, problem: str = "", returned: bool = False
) -> web.Response:
    """The whole page; only what changes while one waits where htmx asks for it. `problem` is what was refused."""
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    order_id = order_id_in(request)
    async with runtime.db.snapshot() as tx:
        order = await order_view(tx, order_id, customer)
        if order is None:
            raise NotFound("You have no such order.")
        payment = await payment_of(tx, order_id)
        money = await money_of(tx, order_id)
        paused = await tasks.paused_topics(tx)
        profile = await customers.profile(tx, customer, runtime.vault)
        address = await customers.address_of(tx, order.address_id, runtime.vault)
        cards = await methods_of(tx, customer, runtime.vault) if payment.can_pay_again else []
    settings = runtime.settings
    response = render(
        "order_live.html" if partial(request) else "order.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        order=order,
        payment=payment,
        live=live_of(order, payment, money, now=runtime.clock.now(), unpaid=settings.unpaid, paused=paused),
        may_cancel=OrderStatus.CANCELLED in TRANSITIONS[order.status],
        returned=returned,
        partial=partial(request),
        cards=cards,
        today=shop_date(runtime.clock.now()),
        problems={problem: sentence(refusal)} if refusal else {},
        why=WHY,
        stripe=stripe_of(request),
        name=profile.name,
        address=address,
        window_label=label(order.window_starts_at, order.window_ends_at),
    )
    response[CARD_FIELD] = True
    return response


def order_id_in(request: web.Request) -> OrderId:
    return OrderId(id_in(request, "order_id", missing="You have no such order."))


def instant(text: str) -> datetime | None:
    """A point in a list, out of the address; None for what is none, so that a mangled link shows the first page."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):  # the second where the zone moves it out of all years
        return None
