"""The acknowledgement of a complaint on paper, for staff: the letter, and that it was posted (C12)."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.complaints import reads
from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.complaint import ComplaintMovedOn
from kalecart.complaints.hand_on import AboutYou
from kalecart.complaints.print_acknowledgement import print_acknowledgement
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
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    letter = await print_acknowledgement(
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
    member, runtime = await require_staff(request, "complaints:act"), request.app[RUNTIME]
    case = ComplaintId(complaint_id)
    await acknowledge(case, posted_at=body.posted_at, by=member, db=runtime.db, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        found = await reads.find(tx, case)
    return answer(complaint_view(found, runtime.clock.now()))
