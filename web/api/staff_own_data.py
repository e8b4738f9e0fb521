"""What is held about who works here: ask for it, and get it (C10)."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field, WithJsonSchema

from kalecart.allowances import TooManyTries
from kalecart.errors import Invalid
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.ask_at_work import AT_WORK, StillHere, ask_at_work
from kalecart.privacy.hand_over import NoSuchPackage, hand_over, open_link_at_work
from kalecart.privacy.request import Kind
from kalecart.privacy.subject import Person
from web.api.customers import Text
from web.api.operation import Operation, operation
from web.api.privacy import REQUEST_ID, LinkQuery, LinkView, ProofBody, RequestsView, RequestView, request_view
from web.api.shapes import Body, answer
from web.download import package_response
from web.identity import at_work
from web.keys import ALLOWANCES, RUNTIME


class AskAtWorkBody(Body):
    kind: Annotated[Kind, Field(strict=False), WithJsonSchema({"type": "string", "enum": list(AT_WORK)})]
    password: Annotated[Text, Field(description="Once more.")]


@operation(Operation(summary="List your requests about your own data", who="staff", right=None, ok=(200, RequestsView)))
async def list_own_requests(request: web.Request) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.requests_of(tx, Person.staff(member.id))
    return answer(RequestsView(requests=[request_view(shown, runtime.clock.now()) for shown in found]))


@operation(
    Operation(
        summary="Ask to see what is held about you, or to have it put right",
        who="staff",
        right=None,
        body=AskAtWorkBody,
        ok=(202, RequestView),
        errors=(Invalid, StillHere, TooManyTries),
    )
)
async def post_own_request(request: web.Request, *, body: AskAtWorkBody) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    asked = await ask_at_work(
        body.kind,
        staff_id=member.id,
        password=body.password,
        db=runtime.db,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, asked.id, Person.staff(member.id))
    return answer(request_view(shown, runtime.clock.now()), status=202)


@operation(
    Operation(
        summary="Make a link to your package, with your password",
        who="staff",
        right=None,
        path={"request_id": REQUEST_ID},
        body=ProofBody,
        ok=(201, LinkView),
        errors=(NoSuchPackage, Invalid, TooManyTries),
    )
)
async def post_own_link(request: web.Request, *, request_id: UUID, body: ProofBody) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    token = await open_link_at_work(
        RequestId(request_id),
        staff_id=member.id,
        password=body.password,
        db=runtime.db,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    return answer(LinkView(link=token), status=201)


@operation(
    Operation(
        summary="Download your package, once",
        who="staff",
        right=None,
        path={"request_id": REQUEST_ID},
        query=LinkQuery,
        ok=(200, "application/zip"),
        errors=(NoSuchPackage,),
    )
)
async def get_own_package(request: web.Request, *, request_id: UUID, query: LinkQuery) -> web.Response:
    member, runtime = await at_work(request), request.app[RUNTIME]
    got = await hand_over(
        RequestId(request_id),
        query.link,
        person=Person.staff(member.id),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return package_response(got)
