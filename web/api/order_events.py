"""GET orders/{id}/events: server-sent events, one for each state an order reaches."""

import asyncio
import json
from contextlib import aclosing
from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart.errors import NotFound
from kalecart.ids import OrderId
from kalecart.payments.reads import state_of
from web.api.operation import ORDER_ID, Header, Operation, operation
from web.identity import require_customer
from web.keys import EDGE, RUNTIME, STREAMS
from web.order_streams import OrderState
from web.refusals import Busy

HEARTBEAT_S: Final = 15.0
# Browsers come back by themselves: nothing is lost, and no stream outlives a log-out for long.
STREAM_S_MAX: Final = 600.0
HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LAST_SEEN: Final = Header(
    name="Last-Event-ID",
    argument="last_seen",
    pattern="^[!-~]{1,100}$",
    description="The last event that arrived, as browsers send it when they come back.",
    wrong="Send the id of an event, or nothing.",
    required=False,
)


@operation(
    Operation(
        summary="Watch an order until it is settled",
        who="customer",
        path={"order_id": ORDER_ID},
        header=LAST_SEEN,
        ok=(200, "text/event-stream"),
        errors=(NotFound,),
        also={204: "Nothing will change after the last event you saw."},
    )
)
async def order_events(request: web.Request, *, order_id: UUID, last_seen: str | None) -> web.StreamResponse:
    customer = await require_customer(request)
    async with request.app[RUNTIME].db.direct() as pg:
        state = await state_of(pg, OrderId(order_id), customer)
    if state is None:
        raise NotFound("You have no such order.")
    if (now := OrderState.of(state)).final and now.mark == last_seen:
        return web.Response(status=204)  # tells a browser not to come back
    if request.app[STREAMS].full(OrderId(order_id)):
        raise Busy("Look at the order itself now and then.", retry_after_s=5)
    return await _stream(request, OrderId(order_id), last_seen)


async def _stream(request: web.Request, order_id: OrderId, last_seen: str | None) -> web.StreamResponse:
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    states = request.app[STREAMS].follow(order_id, quiet_s=HEARTBEAT_S)
    try:
        with request.app[EDGE].streaming():
            async with asyncio.timeout(STREAM_S_MAX), aclosing(states):
                async for state in states:
                    if state is None or state.mark != last_seen:
                        await response.write(_event(state))
    except (TimeoutError, ConnectionResetError):
        pass  # long enough, or the page was closed
    return response


def _event(state: OrderState | None) -> bytes:
    """An event; or a comment, so that nothing between here and the browser thinks the line is dead."""
    if state is None:
        return b": still here\n\n"
    data = json.dumps({"status": state.status, "payment": state.payment, "final": state.final})
    return f"id: {state.mark}\nevent: order\ndata: {data}\n\n".encode()
