"""What Stripe tells us, signed over the very bytes it sent."""

from aiohttp import web
from pydantic import JsonValue, RootModel

from kalecart.payments.receive_event import receive_event
from kalecart.payments.stripe import ForgedEvent
from web.api.operation import Header, Operation, operation
from web.keys import RUNTIME
from web.parse import read_bytes


class Event(RootModel[dict[str, JsonValue]]):
    """A Stripe event."""


@operation(
    Operation(
        summary="Receive an event from Stripe",
        header=Header(
            name="Stripe-Signature",
            argument="signature",
            pattern="^.{0,2000}$",
            description="Made by Stripe with the secret of the endpoint.",
            wrong="Send the signature.",
            required=False,
        ),
        raw=Event,
        ok=(200, None),
        errors=(ForgedEvent,),
    )
)
async def stripe_event(request: web.Request, *, signature: str | None) -> web.Response:
    runtime = request.app[RUNTIME]
    await receive_event(
        await read_bytes(request),
        signature or "",
        db=runtime.db,
        reader=runtime.gateway,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return web.Response()
