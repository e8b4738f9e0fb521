"""Requests about people's data, for staff: write down what came by post, and decide (C10, C11)."""

from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kalecart.errors import Invalid, NotFound
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.receive import Received, enter
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Channel, Kind, RequestMovedOn
from kalecart.privacy.restriction import StillUndecided
from kalecart.privacy.review import refuse, release
from kalecart.staff.member import RoleForbids
from web.api.customers import Text
from web.api.operation import Operation, operation
from web.api.privacy import REQUEST_ID, RequestsView, RequestView, request_view
from web.api.shapes import Body, Instant, Query, answer
from web.identity import require_staff
from web.keys import RUNTIME

# What reaches the shop otherwise is written down by whoever asks.
BY_STAFF: Final = (Channel.MAIL, Channel.POST, Channel.AGENT)


def _written_down(channel: Channel) -> Channel:
    if channel not in BY_STAFF:
        raise PydanticCustomError("channel", "Choose how it reached the shop")
    return channel


class BoardQuery(Query):
    everything: Annotated[bool, Field(description="Those that are decided as well.")] = False


class EnterBody(Body):
    kind: Annotated[Kind, Field(strict=False)]
    channel: Annotated[
        Channel,
        Field(strict=False),
        AfterValidator(_written_down),
        WithJsonSchema({"type": "string", "enum": list(BY_STAFF)}),
    ]
    email: Annotated[Text, Field(description="The address they gave; empty where a letter gives none.")] = ""
    number: Annotated[Text, Field(description="Without an address: of an order or a complaint of theirs.")] = ""
    received_at: Annotated[Instant, Field(description="When it reached the shop, not when it was typed in.")]
    permission_seen: Annotated[bool, Field(description="An agent showed the signed permission.")] = False


class RefuseBody(Body):
    reason: Annotated[Reason, Field(strict=False)]


@operation(
    Operation(
        summary="List requests about people's data, the nearest deadline first",
        who="staff",
        right="requests:read",
        query=BoardQuery,
        ok=(200, RequestsView),
    )
)
async def list_staff_requests(request: web.Request, *, query: BoardQuery) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.board(tx, open_only=not query.everything)
    return answer(RequestsView(requests=[request_view(shown, runtime.clock.now()) for shown in found]))


@operation(
    Operation(
        summary="Write down what came by mail, by post or from an agent",
        who="staff",
        right="requests:act",
        body=EnterBody,
        ok=(201, RequestView),
        errors=(Invalid,),
    )
)
async def post_staff_request(request: web.Request, *, body: EnterBody) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    asked = Received(
        kind=body.kind,
        email=body.email,
        number=body.number,
        channel=body.channel,
        received_at=body.received_at,
        permission_seen=body.permission_seen,
    )
    made = await enter(asked, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return await _shown(request, made.id, status=201)


@operation(
    Operation(
        summary="Look at one request and how far it is",
        who="staff",
        right="requests:read",
        path={"request_id": REQUEST_ID},
        ok=(200, RequestView),
        errors=(NotFound,),
    )
)
async def get_staff_request(request: web.Request, *, request_id: UUID) -> web.Response:
    return await _shown(request, RequestId(request_id))


@operation(
    Operation(
        summary="Hand a reviewed package over, or call a correction done",
        who="staff",
        right="requests:release",
        path={"request_id": REQUEST_ID},
        ok=(200, RequestView),
        errors=(NotFound, RequestMovedOn, StillUndecided),
    )
)
async def post_request_release(request: web.Request, *, request_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "requests:release"), request.app[RUNTIME]
    await release(RequestId(request_id), by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, RequestId(request_id))


@operation(
    Operation(
        summary="Refuse for one of the five reasons; for cost only the manager, and only once it was told",
        who="staff",
        right="requests:act",
        path={"request_id": REQUEST_ID},
        body=RefuseBody,
        ok=(200, RequestView),
        errors=(NotFound, Invalid, RequestMovedOn, RoleForbids),
    )
)
async def post_request_refusal(request: web.Request, *, request_id: UUID, body: RefuseBody) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    await refuse(RequestId(request_id), reason=body.reason, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, RequestId(request_id))


async def _shown(request: web.Request, request_id: RequestId, *, status: int = 200) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.shown(tx, request_id)
    return answer(request_view(found, runtime.clock.now()), status=status)
