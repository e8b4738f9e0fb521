"""Say that one has read the policy (C9)."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from kalecart.errors import NotFound
from kalecart.openness.acknowledge import acknowledge_as_customer, acknowledge_as_staff
from web.api.operation import Operation, operation
from web.api.shapes import Body, nothing
from web.identity import at_work, require_customer
from web.keys import RUNTIME


class AcknowledgementBody(Body):
    version: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="The day it takes effect.")]


@operation(
    Operation(
        summary="Say that you read a version of the policy",
        who="customer",
        body=AcknowledgementBody,
        ok=(204, None),
        errors=(NotFound,),
    )
)
async def post_acknowledgement(request: web.Request, *, body: AcknowledgementBody) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    await acknowledge_as_customer(customer, body.version, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Say, as staff, that you read a version of the policy; access that paused for it comes back",
        who="staff",
        right=None,
        body=AcknowledgementBody,
        ok=(204, None),
        errors=(NotFound,),
    )
)
async def post_staff_acknowledgement(request: web.Request, *, body: AcknowledgementBody) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    await acknowledge_as_staff(member.id, body.version, db=runtime.db, clock=runtime.clock)
    return nothing()
