"""The answer to a complaint on paper, for staff: the letter, that it was posted, and that it came back (C13, E86)."""

from uuid import UUID

from aiohttp import web

from kalecart.complaints import reads
from kalecart.complaints.complaint import ComplaintMovedOn
from kalecart.complaints.hand_on import AboutYou
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.complaints.print_answer import print_answer
from kalecart.errors import Invalid, NotFound
from kalecart.ids import ComplaintId
from web.api.complaints import COMPLAINT_ID, ComplaintView, complaint_view
from web.api.operation import Operation, operation
from web.api.shapes import answer
from web.api.staff_acknowledgement import PostedBody
from web.download import file_response
from web.identity import require_staff
from web.keys import RUNTIME


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
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    letter = await print_answer(
        ComplaintId(complaint_id),
        public_url=runtime.settings.public_url,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return file_response(letter.name, "application/pdf", letter.content)


@operation(
    Operation(
        summary="Say that the answer on paper was posted: from then on it counts",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        body=PostedBody,
        ok=(200, ComplaintView),
        errors=(NotFound, Invalid, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_answer_posted(request: web.Request, *, complaint_id: UUID, body: PostedBody) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await post_answer(case, posted_at=body.posted_at, by=member, db=runtime.db, clock=runtime.clock)
    return await _as_it_is(request, case)


@operation(
    Operation(
        summary="Say that the post brought the answer back: it is none, and the thirty days are what they were",
        who="staff",
        right="complaints:act",
        path={"complaint_id": COMPLAINT_ID},
        ok=(200, ComplaintView),
        errors=(NotFound, AboutYou, ComplaintMovedOn),
    )
)
async def post_complaint_answer_returned(request: web.Request, *, complaint_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await answer_came_back(case, by=member, db=runtime.db, clock=runtime.clock)
    return await _as_it_is(request, case)


async def _as_it_is(request: web.Request, complaint_id: ComplaintId) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.find(tx, complaint_id)
    return answer(complaint_view(found, runtime.clock.now()))
