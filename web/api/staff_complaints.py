"""Complaints, for staff: the board, one complaint, and its answer (C12, C13)."""

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.complaints import reads
from kalecart.complaints.answer import OnPaper
from kalecart.complaints.answer import answer as answer_complaint
from kalecart.complaints.complaint import POSTAL_LENGTH_MAX, ComplaintMovedOn, Findings, Written
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.explain import explain
from kalecart.complaints.hand_on import AboutYou, hand_on
from kalecart.complaints.view import view
from kalecart.complaints.watch import notice_complaints
from kalecart.errors import Invalid, NotFound
from kalecart.ids import ComplaintId, StaffId
from kalecart.policy import reads as policy
from web.api.complaints import (
    COMPLAINT_ID,
    ComplaintsView,
    ComplaintView,
    OpenedView,
    Words,
    WrittenBody,
    complaint_view,
    opened_view,
)
from web.api.customers import Text
from web.api.operation import Operation, operation
from web.api.shapes import Body, Instant, Query, answer
from web.identity import require_staff
from web.keys import RUNTIME


class BoardQuery(Query):
    after: Annotated[UUID | None, Field(description="The last complaint of the page before.")] = None
    mine: Annotated[bool, Field(description="Only those that you handle.")] = False
    to_post: Annotated[bool, Field(description="Only those about which a letter has to be posted.")] = False


class EnterBody(WrittenBody):
    channel: Annotated[Literal["mail", "post"], Field(description="How it came.")]
    received_at: Annotated[Instant, Field(description="When it reached the office, not when it is typed in.")]
    number: Annotated[Text, Field(description="Of an earlier complaint that it is about: whose it is, is known.")] = ""
    name: Text = ""
    email: Text = ""
    postal: Annotated[str, Field(max_length=POSTAL_LENGTH_MAX, description="Where to write to without e-mail.")] = ""
    about_manager: Annotated[bool, Field(description="It is about the person responsible himself.")] = False
    cabinet_id: Annotated[
        UUID | None, Field(strict=False, description="Where the letter itself is put; it is in the register then.")
    ] = None


class HandlerBody(Body):
    staff_id: Annotated[UUID, Field(strict=False)]


class AnswerBody(Body):
    findings: Words
    steps: Words
    on_paper: Annotated[bool, Field(description="It is printed and posted; by e-mail otherwise.")] = False
    postal: Annotated[str, Field(max_length=POSTAL_LENGTH_MAX, description="Where it goes, if that is new.")] = ""
    posted_at: Annotated[Instant | None, Field(description="When it was posted on paper, if it was already.")] = None


class ExplanationBody(Body):
    explanation: Words


@operation(
    Operation(
        summary="List open complaints, the nearest deadline first",
        who="staff",
        right="complaints:read",
        query=BoardQuery,
        ok=(200, ComplaintsView),
        errors=(NotFound,),
    )
)
async def list_staff_complaints(request: web.Request, *, query: BoardQuery) -> web.Response:
    member, runtime = await require_staff(request, "complaints:read"), request.app[RUNTIME]
    after = ComplaintId(query.after) if query.after else None
    await notice_complaints(db=runtime.db, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        handler_id = member.id if query.mine else None
        found = await reads.board(tx, after=after, handler_id=handler_id, to_post=query.to_post)
    return answer(ComplaintsView(complaints=[complaint_view(case, runtime.clock.now()) for case in found]))


@operation(
    Operation(
        summary="Write down a complaint that came by e-mail or by post; a scan of it is handed in at the console",
        who="staff",
        right="complaints:act",
        body=EnterBody,
        ok=(201, ComplaintView),
        errors=(Invalid,),
    )
)
async def post_staff_complaint(request: web.Request, *, body: EnterBody) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    paper = Paper(
        channel=body.channel,
        received_at=body.received_at,
        written=Written.parse(body.concerns, body.text),
        number=body.number,
        name=body.name,
        email=body.email,
        postal=body.postal,
        about_manager=body.about_manager,
        cabinet_id=body.cabinet_id,
    )
    async with runtime.db.snapshot() as tx:
        opened_at = await policy.first_published_at(tx) or runtime.clock.now()
    made = await enter(paper, by=member, opened_at=opened_at, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return answer(complaint_view(made.complaint, runtime.clock.now()), status=201)


@operation(
    Operation(
        summary="Look into one complaint; the look is on record",
        who="staff",
        right="complaints:read",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, OpenedView),
        errors=(NotFound, AboutYou),
    )
)
async def get_staff_complaint(request: web.Request, *, complaint_id: UUID) -> web.Response:
    return await _shown(request, ComplaintId(complaint_id))


@operation(
    Operation(
        summary="Hand a complaint to whoever shall look into it",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=HandlerBody,
        ok=(200, OpenedView),
        errors=(NotFound, Invalid, AboutYou),
    )
)
async def put_complaint_handler(request: web.Request, *, complaint_id: UUID, body: HandlerBody) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await hand_on(case, StaffId(body.staff_id), by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, case)


@operation(
    Operation(
        summary="Answer a complaint: findings and steps; on paper it counts once it was posted",
        who="staff",
        right="complaints:answer",
        path={"complaint_id": COMPLAINT_ID},
        body=AnswerBody,
        ok=(200, OpenedView),
        errors=(NotFound, Invalid, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_answer(request: web.Request, *, complaint_id: UUID, body: AnswerBody) -> web.Response:
    member, runtime = await require_staff(request, "complaints:answer"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    on_paper = OnPaper(postal=body.postal, posted_at=body.posted_at) if body.on_paper or body.posted_at else None
    await answer_complaint(
        case,
        Findings.parse(body.findings, body.steps),
        on_paper=on_paper,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return await _shown(request, case)


@operation(
    Operation(
        summary="Explain why an answer was late",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=ExplanationBody,
        ok=(200, OpenedView),
        errors=(NotFound, Invalid, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_explanation(
    request: web.Request, *, complaint_id: UUID, body: ExplanationBody
) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await explain(case, body.explanation, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    return await _shown(request, case)


async def _shown(request: web.Request, complaint_id: ComplaintId) -> web.Response:
    member, runtime = await require_staff(request, "complaints:read"), request.app[RUNTIME]
    _, opened = await view(complaint_id, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    if opened is None:
        raise AboutYou("Somebody else answers it. You see its number and its dates.")
    return answer(opened_view(opened, runtime.clock.now()))
