"""Ask for what is held about you, and get it (C10)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kalecart.allowances import TooManyTries
from kalecart.errors import Invalid, NotFound
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.answer_estimate import answer_estimate
from kalecart.privacy.ask import ask_in_account
from kalecart.privacy.hand_over import NoSuchPackage, hand_over, open_link
from kalecart.privacy.reads import Shown
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Channel, Kind, RequestMovedOn, State
from kalecart.privacy.restriction import ANSWERS, RestrictionMovedOn, Step
from kalecart.privacy.subject import Person
from web.api.customers import Text
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, Query, View, answer
from web.download import package_response
from web.identity import require_customer
from web.keys import ALLOWANCES, RUNTIME

REQUEST_ID: Final = PathPart(pattern=UUID_PATTERN, description="A request's id.", convert=UUID)


WHAT: Final = PathPart(pattern="^[a-z_]{1,40}$", description="What is kept back, as `restrictions` names it.")


def _an_answer(step: Step) -> Step:
    if step not in ANSWERS:
        raise PydanticCustomError("answer", "Answer accepted or narrowed")
    return step


class AskBody(Body):
    kind: Annotated[Kind, Field(strict=False)]
    password: Annotated[Text, Field(description="Once more; an opt-out needs none.")] = ""


class ProofBody(Body):
    password: Text


class AnswerBody(Body):
    answer: Annotated[
        Step,
        Field(strict=False),
        AfterValidator(_an_answer),
        WithJsonSchema({"type": "string", "enum": list(ANSWERS), "description": "Leave it out, or search less of it."}),
    ]


class LinkQuery(Query):
    link: Annotated[str, Field(min_length=1, max_length=100, description="What `POST …/link` answered.")]


class LinkView(View):
    """Opens the package once, within a quarter of an hour."""

    link: str


class PackageView(View):
    snapshot_at: datetime
    expires_at: datetime
    available: bool
    bytes: int
    records: int
    withheld: int
    unread: Sequence[str]


class RestrictionView(View):
    """One thing that somebody decided, or proposes for its cost, to keep back; `words` say why."""

    what: str
    title: str
    reason: Reason
    words: str
    step: Step
    in_force: bool
    estimate_cents: int | None
    told_at: datetime | None


class RequestView(View):
    request_id: UUID
    kind: Kind
    channel: Channel
    state: State
    received_at: datetime
    due_at: datetime
    answered_at: datetime | None
    refusal: Reason | None
    joined_id: UUID | None
    percent: int
    package: PackageView | None
    restrictions: list[RestrictionView]


class RequestsView(View):
    requests: list[RequestView]


def request_view(shown: Shown, now: datetime) -> RequestView:
    request, package = shown.request, shown.package
    return RequestView(
        request_id=request.id,
        kind=request.kind,
        channel=request.channel,
        state=request.state,
        received_at=request.received_at,
        due_at=request.due_at,
        answered_at=request.answered_at,
        refusal=request.refusal,
        joined_id=request.joined_id,
        percent=shown.progress.percent,
        package=PackageView(
            snapshot_at=package.snapshot_at,
            expires_at=package.expires_at,
            available=request.state is State.ANSWERED and package.available(now),
            bytes=package.bytes,
            records=package.records,
            withheld=len(package.withheld),
            unread=package.unread,
        )
        if package
        else None,
        restrictions=[
            RestrictionView.model_validate({name: getattr(each, name) for name in RestrictionView.model_fields})
            for each in shown.restrictions
        ],
    )


@operation(Operation(summary="List your requests about your data", who="customer", ok=(200, RequestsView)))
async def list_requests(request: web.Request) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    async with runtime.db.snapshot() as tx:
        found = await reads.requests_of(tx, Person.customer(customer))
    return answer(RequestsView(requests=[request_view(shown, runtime.clock.now()) for shown in found]))


@operation(
    Operation(
        summary="Ask to see, correct or erase your data, or opt out",
        who="customer",
        body=AskBody,
        ok=(202, RequestView),
        errors=(Invalid, TooManyTries),
    )
)
async def post_request(request: web.Request, *, body: AskBody) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    asked = await ask_in_account(
        body.kind,
        customer_id=customer,
        password=body.password,
        db=runtime.db,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    where = {"Location": f"/api/v1/privacy/requests/{asked.id}"}
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, asked.id, Person.customer(customer))
    return answer(request_view(shown, runtime.clock.now()), status=202, headers=where)


@operation(
    Operation(
        summary="Look at one of your requests",
        who="customer",
        path={"request_id": REQUEST_ID},
        ok=(200, RequestView),
        errors=(NotFound,),
    )
)
async def get_request(request: web.Request, *, request_id: UUID) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, RequestId(request_id), Person.customer(customer))
    return answer(request_view(shown, runtime.clock.now()))


@operation(
    Operation(
        summary="Make a link to a package, with your password",
        who="customer",
        path={"request_id": REQUEST_ID},
        body=ProofBody,
        ok=(201, LinkView),
        errors=(NoSuchPackage, Invalid, TooManyTries),
    )
)
async def post_link(request: web.Request, *, request_id: UUID, body: ProofBody) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    token = await open_link(
        RequestId(request_id),
        customer_id=customer,
        password=body.password,
        db=runtime.db,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    return answer(LinkView(link=token), status=201)


@operation(
    Operation(
        summary="Download a package, once",
        who="customer",
        path={"request_id": REQUEST_ID},
        query=LinkQuery,
        ok=(200, "application/zip"),
        errors=(NoSuchPackage,),
    )
)
async def get_package(request: web.Request, *, request_id: UUID, query: LinkQuery) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    got = await hand_over(
        RequestId(request_id),
        query.link,
        person=Person.customer(customer),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return package_response(got)


@operation(
    Operation(
        summary="Answer an estimate of what finding something would cost",
        who="customer",
        path={"request_id": REQUEST_ID, "what": WHAT},
        body=AnswerBody,
        ok=(200, RequestView),
        errors=(NotFound, RequestMovedOn, RestrictionMovedOn),
    )
)
async def post_answer(request: web.Request, *, request_id: UUID, what: str, body: AnswerBody) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    await answer_estimate(RequestId(request_id), what, body.answer, by=customer, db=runtime.db, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, RequestId(request_id), Person.customer(customer))
    return answer(request_view(shown, runtime.clock.now()))
