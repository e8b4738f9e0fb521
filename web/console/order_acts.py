"""What staff do with an order on its page: pick it, hand it over, cancel it, give money back, ask Stripe."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from kalecart.errors import NotFound, Refused
from kalecart.ids import OrderId
from kalecart.orders.cancel import cancel_order
from kalecart.orders.order import Asker
from kalecart.orders.pick import fulfil, start_picking
from kalecart.orders.undelivered import could_not_deliver
from kalecart.payments.refund_order import refund_order
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right
from web.console.orders import shown
from web.console.refund_form import asked_of
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of
from web.pages.orders import order_id_in

Act = Callable[[OrderId, StaffMember], Awaitable[object]]


async def picking_started(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    return await _acted(
        request, "orders:act", lambda order, who: start_picking(order, by=who.id, db=runtime.db, clock=runtime.clock)
    )


async def fulfilled(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    return await _acted(
        request, "orders:act", lambda order, who: fulfil(order, by=who.id, db=runtime.db, clock=runtime.clock)
    )


async def undelivered(request: web.Request) -> web.Response:
    runtime, why = request.app[RUNTIME], (await form_of(request)).get("why", "")
    return await _acted(
        request,
        "orders:act",
        lambda order, who: could_not_deliver(order, why, by=who.id, db=runtime.db, clock=runtime.clock),
    )


async def cancelled(request: web.Request) -> web.Response:
    """It gives back what was charged, so it takes the right to."""
    runtime = request.app[RUNTIME]
    return await _acted(
        request,
        "refunds:make",
        lambda order, who: cancel_order(
            order, by=Asker.STAFF, staff_id=who.id, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher
        ),
    )


async def refunded(request: web.Request) -> web.Response:
    runtime, form = request.app[RUNTIME], await form_of(request)
    return await _acted(
        request,
        "refunds:make",
        lambda order, who: refund_order(
            asked_of(form, order, by=who.id), db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher
        ),
        typed=form,
    )


async def _acted(request: web.Request, right: Right, act: Act, *, typed: dict[str, str] | None = None) -> web.Response:
    """Do it and show the order; refused, the order as it is now with the reason."""
    member, order_id = await staff_member(request), order_id_in(request)
    member.require(right)
    try:
        await act(order_id, member)
    except NotFound:
        raise
    except Refused as refusal:
        return await shown(request, refusal=refusal, typed=typed)
    raise web.HTTPSeeOther(f"/staff/orders/{order_id}")
