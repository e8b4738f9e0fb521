"""Complain about how personal information is handled, and see how far it is (C12, C13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.allowances import TooManyTries
from kalecart.complaints import reads
from kalecart.complaints.add_to import add_to, not_resolved
from kalecart.complaints.complain import Form, complain, parse_written
from kalecart.complaints.complaint import Channel, Complaint, ComplaintMovedOn, Standing, Written
from kalecart.complaints.reads import Opened
from kalecart.errors import Exhausted, Invalid, NotFound
from kalecart.ids import ComplaintId
from web.api.customers import Text
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, View, answer
from web.identity import customer_of, require_customer
from web.keys import ALLOWANCES, RUNTIME

COMPLAINT_ID: Final = PathPart(pattern=UUID_PATTERN, description="A complaint's id.", convert=UUID)
Words = Annotated[str, Field(max_length=20_000)]


class WrittenBody(Body):
    concerns: Annotated[list[Words], Field(max_length=20, description="What is wrong, one by one.")]
    text: Words = ""


class ComplainBody(WrittenBody):
    email: Annotated[Text, Field(description="Where to answer; left out by whoever is logged in.")] = ""
    name: Text = ""
    about_manager: Annotated[bool, Field(description="It is about the person responsible himself.")] = False


class AdditionBody(Body):
    text: Words


class ComplaintView(View):
    complaint_id: UUID
    number: str
    channel: Channel
    standing: Standing
    received_at: datetime
    due_at: Annotated[datetime, Field(description="The first instant that is too late.")]
    answered_at: datetime | None
    on_paper: Annotated[bool, Field(description="Letters about it go by post: its person gave no e-mail address.")]
    acknowledged_at: Annotated[datetime | None, Field(description="When an acknowledgement on paper was posted.")]
    late: bool
    previous_id: UUID | None


class LodgedView(ComplaintView):
    code: Annotated[str | None, Field(description="Opens the complaint's page; for whoever has no account, told once.")]


class AnswerView(View):
    answer_id: Annotated[UUID, Field(validation_alias="id")]
    channel: str
    sent_at: datetime | None
    bounced_at: datetime | None
    findings: str
    steps: str


class EventView(View):
    at: datetime
    what: str
    noticed_at: Annotated[datetime | None, Field(description="Of a step: when it was taken, which may be later.")]


class OpenedView(ComplaintView):
    concerns: Sequence[str]
    text: str
    additions: Sequence[str]
    answers: Sequence[AnswerView]
    timeline: Sequence[EventView]


class ComplaintsView(View):
    complaints: list[ComplaintView]


def complaint_view(case: Complaint, now: datetime) -> ComplaintView:
    return ComplaintView(
        complaint_id=case.id,
        number=case.number,
        channel=case.channel,
        standing=case.standing(now),
        received_at=case.received_at,
        due_at=case.due_at,
        answered_at=case.answered_at,
        on_paper=case.on_paper,
        acknowledged_at=case.acknowledged_at,
        late=case.late(now),
        previous_id=case.previous_id,
    )


def opened_view(opened: Opened, now: datetime) -> OpenedView:
    return OpenedView(
        **complaint_view(opened.complaint, now).model_dump(),
        concerns=opened.concerns,
        text=opened.text,
        additions=[text for _, text in opened.additions],
        answers=[AnswerView.model_validate(each) for each in opened.answers],
        timeline=[EventView.model_validate(each) for each in opened.timeline],
    )


@operation(
    Operation(
        summary="Complain, with or without an account",
        body=ComplainBody,
        ok=(201, LodgedView),
        errors=(Invalid, TooManyTries),
    )
)
async def post_complaint(request: web.Request, *, body: ComplainBody) -> web.Response:
    runtime, customer = request.app[RUNTIME], await customer_of(request)
    written = parse_written(body.concerns, body.text, name=body.name, email=body.email, customer_id=customer)
    lodged = await complain(
        Form(written=written, name=body.name, email=body.email, about_manager=body.about_manager),
        request.remote or "",
        customer_id=customer,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
    shown = complaint_view(lodged.complaint, runtime.clock.now()).model_dump()
    return answer(LodgedView(**shown, code=None if customer else lodged.code), status=201)


@operation(Operation(summary="List your complaints", who="customer", ok=(200, ComplaintsView)))
async def list_complaints(request: web.Request) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    async with runtime.db.snapshot() as tx:
        mine = await reads.of_customer(tx, customer)
    return answer(ComplaintsView(complaints=[complaint_view(case, runtime.clock.now()) for case in mine]))


@operation(
    Operation(
        summary="Look at one of your complaints and its answer",
        who="customer",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, OpenedView),
        errors=(NotFound,),
    )
)
async def get_complaint(request: web.Request, *, complaint_id: UUID) -> web.Response:
    runtime, case = request.app[RUNTIME], await _own(request, complaint_id)
    async with runtime.db.snapshot() as tx:
        opened = await reads.opened(tx, case, runtime.vault)
    return answer(opened_view(opened, runtime.clock.now()))


@operation(
    Operation(
        summary="Add to one of your complaints",
        who="customer",
        path={"complaint_id": COMPLAINT_ID},
        body=AdditionBody,
        ok=(200, OpenedView),
        errors=(NotFound, Invalid, Exhausted),
    )
)
async def post_complaint_addition(request: web.Request, *, complaint_id: UUID, body: AdditionBody) -> web.Response:
    runtime, case = request.app[RUNTIME], await _own(request, complaint_id)
    await add_to(case.id, body.text, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        opened = await reads.opened(tx, case, runtime.vault)
    return answer(opened_view(opened, runtime.clock.now()))


@operation(
    Operation(
        summary="Say that an answered complaint is not resolved: a case with thirty days of its own continues it",
        who="customer",
        path={"complaint_id": COMPLAINT_ID},
        body=WrittenBody,
        ok=(201, ComplaintView),
        errors=(NotFound, Invalid, ComplaintMovedOn),
    )
)
async def post_complaint_again(request: web.Request, *, complaint_id: UUID, body: WrittenBody) -> web.Response:
    runtime, case = request.app[RUNTIME], await _own(request, complaint_id)
    written = Written.parse(body.concerns, body.text)
    lodged = await not_resolved(case.id, written, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return answer(complaint_view(lodged.complaint, runtime.clock.now()), status=201)


async def _own(request: web.Request, complaint_id: UUID) -> Complaint:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    async with runtime.db.snapshot() as tx:
        case = await reads.find(tx, ComplaintId(complaint_id))
    if case.customer_id != customer:
        raise NotFound("There is no such complaint.")
    return case
