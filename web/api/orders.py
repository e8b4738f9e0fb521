"""Orders: place one, look at it, pay it with another card, cancel it."""

from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.carts.cart import StaleCart
from kalecart.errors import NotFound
from kalecart.ids import OrderId, PaymentMethodId, WindowId, new_id
from kalecart.orders import refusals
from kalecart.orders.cancel import TooLateToCancel, cancel_order
from kalecart.orders.order import Asker, PlaceOrder
from kalecart.orders.place import place_order
from kalecart.orders.reads import order_view as read_order
from kalecart.orders.reads import orders_of
from kalecart.payments.pay_again import NothingToPay, pay_again
from kalecart.payments.reads import payment_of
from kalecart.payments.reads_money import money_of
from web.api import order_views as views
from web.api.operation import ORDER_ID, Header, Operation, operation
from web.api.shapes import INTEGER_MAX, Body, Cents, Instant, Query, Whole, answer
from web.identity import require_customer, session_hash_of
from web.keys import COOKIES, RUNTIME

IDEMPOTENCY_KEY: Final = Header(
    name="Idempotency-Key",
    argument="key",
    pattern="^[!-~]{1,200}$",
    description="Names this intention. Repeating a request with its key is safe and gives the same answer.",
    wrong="Send a key of 1 to 200 visible ASCII characters that you use for this order only.",
)


class OrderBody(Body):
    cart_version: Annotated[Whole, Field(ge=1, le=INTEGER_MAX, description="Of the cart the shopper saw.")]
    total_cents: Annotated[Cents, Field(description="The total the shopper saw. Any other is never charged.")]
    window_id: UUID
    payment_method_id: UUID


class PaymentBody(Body):
    payment_method_id: UUID


class OrdersQuery(Query):
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Annotated[Instant | None, Field(description="`next_cursor` of the page before.")] = None


@operation(
    Operation(
        summary="Place an order; it is charged at once, in the background",
        who="customer in the verb",
        header=IDEMPOTENCY_KEY,
        body=OrderBody,
        ok=(202, views.PlacedView),
        errors=(
            refusals.EmptyCart,
            refusals.BelowMinimum,
            refusals.UnknownWindow,
            refusals.UnknownCard,
            refusals.KeyReused,
            refusals.PriceChanged,
            refusals.OutOfStock,
            refusals.WindowFull,
            refusals.WindowClosed,
            StaleCart,
        ),
    )
)
async def post_order(request: web.Request, *, key: str, body: OrderBody) -> web.Response:
    runtime = request.app[RUNTIME]
    order = await place_order(
        _asked(request, key, body),
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
        terms=runtime.settings.terms,
    )
    placed = views.PlacedView.model_validate(order)
    return answer(placed, status=202, headers={"Location": f"/api/v1/orders/{order.id}"})


def _asked(request: web.Request, key: str, body: OrderBody) -> PlaceOrder:
    cookies = request.app[COOKIES]
    return PlaceOrder(
        order_id=OrderId(new_id()),
        customer_id=None,
        session_hash=session_hash_of(request),
        cart_token=cookies.token(request, cookies.cart),
        cart_version=body.cart_version,
        expected_total_cents=body.total_cents,
        window_id=WindowId(body.window_id),
        payment_method_id=PaymentMethodId(body.payment_method_id),
        idempotency_key=key,
    )


@operation(Operation(summary="List your orders", who="customer", query=OrdersQuery, ok=(200, views.OrdersView)))
async def list_orders(request: web.Request, *, query: OrdersQuery) -> web.Response:
    customer = await require_customer(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await orders_of(tx, customer, limit=query.limit + 1, before=query.cursor)
    return answer(views.orders_view(found, query.limit))


@operation(
    Operation(
        summary="Look at one of your orders",
        who="customer",
        path={"order_id": ORDER_ID},
        ok=(200, views.OrderView),
        errors=(NotFound,),
    )
)
async def get_order(request: web.Request, *, order_id: UUID) -> web.Response:
    return await _shown(request, OrderId(order_id))


async def _shown(request: web.Request, order_id: OrderId) -> web.Response:
    customer = await require_customer(request)
    async with request.app[RUNTIME].db.snapshot() as tx:
        order = await read_order(tx, order_id, customer)
        if order is None:
            raise NotFound("You have no such order.")
        return answer(views.order_view(order, await payment_of(tx, order.id), await money_of(tx, order.id)))


@operation(
    Operation(
        summary="After a decline, pay the same order with another card",
        who="customer",
        path={"order_id": ORDER_ID},
        body=PaymentBody,
        ok=(202, None),
        errors=(NotFound, NothingToPay, refusals.UnknownCard),
    )
)
async def post_payment(request: web.Request, *, order_id: UUID, body: PaymentBody) -> web.Response:
    runtime = request.app[RUNTIME]
    await pay_again(
        OrderId(order_id),
        PaymentMethodId(body.payment_method_id),
        customer_id=await require_customer(request),
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return web.Response(status=202, headers={"Location": f"/api/v1/orders/{order_id}"})


@operation(
    Operation(
        summary="Cancel an order before it is picked; what was charged goes back",
        who="customer",
        path={"order_id": ORDER_ID},
        ok=(200, views.OrderView),
        errors=(NotFound, TooLateToCancel),
    )
)
async def post_cancel(request: web.Request, *, order_id: UUID) -> web.Response:
    runtime = request.app[RUNTIME]
    await cancel_order(
        OrderId(order_id),
        by=Asker.CUSTOMER,
        customer_id=await require_customer(request),
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return await _shown(request, OrderId(order_id))
