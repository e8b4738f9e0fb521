"""Orders as staff find them and look at one. No personal data: the console shows that, and records it."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import NotFound
from kalecart.ids import OrderId
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderFilter, order_view, staff_orders
from kalecart.payments.reads import payment_of
from kalecart.payments.reads_money import money_of
from web.api import order_views as views
from web.api.operation import ORDER_ID, Operation, operation
from web.api.shapes import LINE_PATTERN, Instant, Query, answer
from web.keys import RUNTIME


class StaffOrdersQuery(Query):
    status: OrderStatus | None = None
    since: Annotated[Instant | None, Field(description="Placed at or after this instant.")] = None
    q: Annotated[
        str | None,
        Field(min_length=1, max_length=20, pattern=LINE_PATTERN, description="How an order's number begins."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[Instant | None, Field(description="`next_cursor` of the page before.")] = None


@operation(Operation(summary="List orders", who="staff", query=StaffOrdersQuery, ok=(200, views.OrdersView)))
async def list_staff_orders(request: web.Request, *, query: StaffOrdersQuery) -> web.Response:
    wanted = OrderFilter(status=query.status, number=query.q, since=query.since, before=query.cursor)
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await staff_orders(tx, wanted, limit=query.limit + 1)
    return answer(views.orders_view(found, query.limit))


@operation(
    Operation(
        summary="Look at one order",
        who="staff",
        path={"order_id": ORDER_ID},
        ok=(200, views.StaffOrderView),
        errors=(NotFound,),
    )
)
async def get_staff_order(request: web.Request, *, order_id: UUID) -> web.Response:
    return await shown(request, OrderId(order_id))


async def shown(request: web.Request, order_id: OrderId, *, status: int = 200) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        order = await order_view(tx, order_id, None)
        if order is None:
            raise NotFound("There is no such order.")
        view = views.staff_order_view(order, await payment_of(tx, order.id), await money_of(tx, order.id))
    return answer(view, status=status)
