"""Letters about complaints on paper, for staff: the file, that it was posted, and that it came back (C12, C13, E86)."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.complaints import reads
from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.complaint import ComplaintMovedOn
from kalecart.complaints.hand_on import AboutYou
from kalecart.complaints.letter import Printed
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.complaints.print_acknowledgement import print_acknowledgement
from kalecart.complaints.print_answer import print_answer
from kalecart.complaints.print_explanation import print_explanation
from kalecart.errors import Invalid, NotFound
from kalecart.ids import ComplaintId
from web.api.complaints import COMPLAINT_ID, ComplaintView, complaint_view
from web.api.operation import Operation, operation
from web.api.shapes import Body, Instant, answer
from web.download import file_response
from web.identity import require_staff
from web.keys import RUNTIME


class PostedBody(Body):
    posted_at: Annotated[Instant, Field(description="When it was posted: not in the future.")]


class AnswerReturnedBody(Body):
    answer_id: Annotated[UUID, Field(description="Which answer: another may have been signed meanwhile.")]


class AnswerPostedBody(AnswerReturnedBody, PostedBody):
    pass


@operation(
    Operation(
        summary="Print the acknowledgement for whoever gave no e-mail address; the look is on record",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, "application/pdf"),
        errors=(NotFound, AboutYou),
    )
)
async def get_complaint_acknowledgement(request: web.Request, *, complaint_id: UUID) -> web.Response:
    return await _file(request, complaint_id, print_acknowledgement)


@operation(
    Operation(
        summary="Say that the acknowledgement on paper was posted, once",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=PostedBody,
        ok=(200, ComplaintView),
        errors=(NotFound, Invalid, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_acknowledgement(request: web.Request, *, complaint_id: UUID, body: PostedBody) -> web.Response:
    return await _written_down(request, complaint_id, acknowledge, posted_at=body.posted_at)


@operation(
    Operation(
        summary="Print the answer that is to be posted; the look is on record",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, "application/pdf"),
        errors=(NotFound, AboutYou),
    )
)
async def get_complaint_answer(request: web.Request, *, complaint_id: UUID) -> web.Response:
    return await _file(request, complaint_id, print_answer)


@operation(
    Operation(
        summary="Say that the answer on paper was posted: from then on it counts",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=AnswerPostedBody,
        ok=(200, ComplaintView),
        errors=(NotFound, Invalid, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_answer_posted(
    request: web.Request, *, complaint_id: UUID, body: AnswerPostedBody
) -> web.Response:
    return await _written_down(request, complaint_id, post_answer, posted_at=body.posted_at, seen=body.answer_id)


@operation(
    Operation(
        summary="Say that the post brought the answer back: it is none, and the thirty days are what they were",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=AnswerReturnedBody,
        ok=(200, ComplaintView),
        errors=(NotFound, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_answer_returned(
    request: web.Request, *, complaint_id: UUID, body: AnswerReturnedBody
) -> web.Response:
    return await _written_down(request, complaint_id, answer_came_back, seen=body.answer_id)


@operation(
    Operation(
        summary="Print why the answer was late, for whoever got it by post before; the look is on record",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, "application/pdf"),
        errors=(NotFound, AboutYou),
    )
)
async def get_complaint_explanation(request: web.Request, *, complaint_id: UUID) -> web.Response:
    return await _file(request, complaint_id, print_explanation)


async def _file(
    request: web.Request, complaint_id: UUID, printed: Callable[..., Coroutine[Any, Any, Printed]]
) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    letter = await printed(
        ComplaintId(complaint_id),
        public_url=runtime.settings.public_url,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return file_response(letter.name, "application/pdf", letter.content)


async def _written_down(
    request: web.Request, complaint_id: UUID, verb: Callable[..., Coroutine[Any, Any, None]], **said: Any
) -> web.Response:
    """What the post did, and the complaint as it is then."""
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await verb(case, **said, by=member, db=runtime.db, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        found = await reads.find(tx, case)
    return answer(complaint_view(found, runtime.clock.now()))
