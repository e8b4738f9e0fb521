"""What staff do with an order: pick it, hand it over, cancel it, give money back. Each act is on record."""

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from kalecart.catalogue.cells import SKU_PATTERN
from kalecart.errors import Invalid, NotFound
from kalecart.ids import OrderId, RefundId
from kalecart.orders.cancel import TooLateToCancel, cancel_order
from kalecart.orders.order import Asker, OrderMovedOn
from kalecart.orders.pick import fulfil, start_picking
from kalecart.orders.undelivered import WhyUndelivered, could_not_deliver
from kalecart.payments.refund import (
    STAFF_REASONS,
    AskRefund,
    NothingToRefund,
    OtherCurrency,
    RefundIdTaken,
    RefundReason,
    TooMuch,
)
from kalecart.payments.refund_order import refund_order
from web.api import order_views as views
from web.api.operation import ORDER_ID, Operation, operation
from web.api.shapes import INTEGER_MAX, Body, Whole
from web.api.staff_orders import shown
from web.identity import require_staff
from web.keys import RUNTIME

Sku = Annotated[str, StringConstraints(pattern=f"^{SKU_PATTERN}$")]


def _given_by_staff(reason: RefundReason) -> RefundReason:
    if reason not in STAFF_REASONS:
        raise PydanticCustomError("staff_reason", "Choose one of the reasons staff may give")
    return reason


StaffReason = Annotated[
    RefundReason,
    Field(strict=False),
    AfterValidator(_given_by_staff),
    WithJsonSchema({"type": "string", "enum": list(STAFF_REASONS)}),
]


class RefundBody(Body):
    """All that remains (`whole`), an amount, or so many of some lines: one of the three."""

    refund_id: Annotated[UUID, Field(description="Made by you: asking twice with the same id is asking once.")]
    reason: StaffReason
    whole: Literal[True] | None = None
    amount_cents: Annotated[Whole | None, Field(gt=0, le=INTEGER_MAX, description="US cents.")] = None
    lines: Annotated[dict[Sku, Whole] | None, Field(min_length=1, max_length=100, description="SKU → units.")] = None
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "usd"

    @model_validator(mode="after")
    def _says_one_thing(self) -> "RefundBody":
        if sum(part is not None for part in (self.whole, self.amount_cents, self.lines)) != 1:
            raise ValueError("Send one of whole, amount_cents and lines.")
        return self


@operation(
    Operation(
        summary="Begin to pick an order",
        who="staff",
        right="orders:act",
        path={"order_id": ORDER_ID},
        ok=(200, views.StaffOrderView),
        errors=(NotFound, OrderMovedOn),
    )
)
async def post_picking(request: web.Request, *, order_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "orders:act"), request.app[RUNTIME]
    await start_picking(OrderId(order_id), by=member.id, db=runtime.db, clock=runtime.clock)
    return await shown(request, OrderId(order_id))


@operation(
    Operation(
        summary="Say that an order is at its customer's door",
        who="staff",
        right="orders:act",
        path={"order_id": ORDER_ID},
        ok=(200, views.StaffOrderView),
        errors=(NotFound, OrderMovedOn),
    )
)
async def post_fulfilled(request: web.Request, *, order_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "orders:act"), request.app[RUNTIME]
    await fulfil(OrderId(order_id), by=member.id, db=runtime.db, clock=runtime.clock)
    return await shown(request, OrderId(order_id))


class UndeliveredBody(Body):
    why: Annotated[WhyUndelivered, Field(strict=False)]


@operation(
    Operation(
        summary="Say that an order could not be delivered; its customer is asked whether their details are still right",
        who="staff",
        right="orders:act",
        path={"order_id": ORDER_ID},
        body=UndeliveredBody,
        ok=(200, views.StaffOrderView),
        errors=(NotFound, OrderMovedOn),
    )
)
async def post_undelivered(request: web.Request, *, order_id: UUID, body: UndeliveredBody) -> web.Response:
    member, runtime = await require_staff(request, "orders:act"), request.app[RUNTIME]
    await could_not_deliver(OrderId(order_id), body.why, by=member.id, db=runtime.db, clock=runtime.clock)
    return await shown(request, OrderId(order_id))


@operation(
    Operation(
        summary="Cancel an order before it is picked; what was charged goes back",
        who="staff",
        right="refunds:make",
        path={"order_id": ORDER_ID},
        ok=(200, views.StaffOrderView),
        errors=(NotFound, TooLateToCancel),
    )
)
async def post_staff_cancel(request: web.Request, *, order_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "refunds:make"), request.app[RUNTIME]
    await cancel_order(
        OrderId(order_id),
        by=Asker.STAFF,
        staff_id=member.id,
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return await shown(request, OrderId(order_id))


@operation(
    Operation(
        summary="Give money back, whole or in part; Stripe is asked in the background",
        who="staff",
        right="refunds:make",
        path={"order_id": ORDER_ID},
        body=RefundBody,
        ok=(202, views.StaffOrderView),
        errors=(NotFound, NothingToRefund, RefundIdTaken, TooMuch, OtherCurrency, Invalid),
    )
)
async def post_refund(request: web.Request, *, order_id: UUID, body: RefundBody) -> web.Response:
    member, runtime = await require_staff(request, "refunds:make"), request.app[RUNTIME]
    asked = AskRefund(
        refund_id=RefundId(body.refund_id),
        order_id=OrderId(order_id),
        reason=body.reason,
        by=Asker.STAFF,
        staff_id=member.id,
        amount_cents=body.amount_cents,
        lines=body.lines,
        currency=body.currency.lower(),
    )
    await refund_order(asked, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher)
    return await shown(request, OrderId(order_id), status=202)
