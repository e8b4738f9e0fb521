"""Reviews of who may do what, over the API (C8)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.audits import reads
from kalecart.audits.decide import Asked, LineDecided, NotHeld, OwnAccess, decide
from kalecart.audits.review import Kind, Line, Outcome
from kalecart.errors import Invalid, NotFound
from kalecart.staff.change_role import SameRole
from kalecart.staff.leave import LastManager
from kalecart.staff.rights import Role
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, View, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

LINE_ID: Final = PathPart(pattern=UUID_PATTERN, description="A line of a review.", convert=UUID)


class LineView(View):
    line_id: UUID
    staff_id: UUID
    kind: Kind
    what: Annotated[str, Field(description="A role, or what they are designated for.")]
    open: Annotated[bool, Field(description="Nobody has decided, and they still have it.")]
    outcome: Outcome | None
    decided_by: UUID | None
    decided_at: datetime | None


class ReviewView(View):
    quarter: str
    opened_at: datetime
    due_on: date
    overdue: bool
    left: int
    lines: Annotated[list[LineView], Field(description="None where its quarter went by and it was not held.")]


class ReviewsView(View):
    reviews: list[ReviewView]


class DecisionBody(Body):
    outcome: Annotated[Outcome, Field(strict=False)]
    instead: Annotated[
        Role | None,
        Field(strict=False, description="For a role that is taken: another; without one they work here no longer."),
    ] = None


@operation(
    Operation(summary="List reviews of who may do what", who="staff", right="access:review", ok=(200, ReviewsView))
)
async def list_reviews(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        found = [(each, await reads.lines(tx, each.id, now=now)) for each in await reads.reviews(tx, now=now)]
    reviews = [
        ReviewView(
            quarter=each.quarter,
            opened_at=each.opened_at,
            due_on=each.due_on,
            overdue=each.overdue(now),
            left=each.left,
            lines=[_line(line) for line in lines],
        )
        for each, lines in found
    ]
    return answer(ReviewsView(reviews=reviews))


@operation(
    Operation(
        summary="Confirm what somebody may do, or take it away there and then",
        who="staff",
        right="access:review",
        path={"line_id": LINE_ID},
        body=DecisionBody,
        ok=(204, None),
        errors=(Invalid, NotFound, OwnAccess, LineDecided, NotHeld, SameRole, LastManager),
    )
)
async def post_decision(request: web.Request, *, line_id: UUID, body: DecisionBody) -> web.Response:
    member, runtime = await require_staff(request, "access:review"), request.app[RUNTIME]
    asked = Asked(outcome=body.outcome, instead=body.instead or "")
    await decide(line_id, asked, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


def _line(line: Line) -> LineView:
    return LineView(
        line_id=line.id,
        staff_id=line.staff_id,
        kind=line.kind,
        what=line.what,
        open=line.open,
        outcome=line.outcome,
        decided_by=line.decided_by,
        decided_at=line.decided_at,
    )
