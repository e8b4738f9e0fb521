"""Whom the manager designates to act for him, over the API (C3)."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId
from kalecart.staff import reads
from kalecart.staff.designate import Asked, designate, revoke
from kalecart.staff.designation import Designation, Scope
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, Instant, View, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

DESIGNATION_ID: Final = PathPart(pattern=UUID_PATTERN, description="A designation.", convert=UUID)


class DesignationBody(Body):
    staff_id: Annotated[UUID, Field(strict=False)]
    scope: Annotated[Scope, Field(strict=False, description="What they may do for the manager.")]
    starts_at: Annotated[Instant | None, Field(description="Now, where nothing is said.")] = None
    ends_at: Annotated[Instant | None, Field(description="The first instant at which it no longer holds.")] = None


class DesignationView(View):
    designation_id: UUID
    staff_id: UUID
    scope: Scope
    starts_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    in_force: bool


class DesignationsView(View):
    designations: list[DesignationView]


@operation(
    Operation(
        summary="List whom the manager designated, and when",
        who="staff",
        right="staff:designate",
        ok=(200, DesignationsView),
    )
)
async def list_designations(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.designations(tx)
    return answer(DesignationsView(designations=[_view(each, runtime.clock.now()) for each in found]))


@operation(
    Operation(
        summary="Designate somebody to act for the manager",
        who="staff",
        right="staff:designate",
        body=DesignationBody,
        ok=(201, DesignationView),
        errors=(Invalid,),
    )
)
async def post_designation(request: web.Request, *, body: DesignationBody) -> web.Response:
    member, runtime = await require_staff(request, "staff:designate"), request.app[RUNTIME]
    asked = Asked(staff_id=StaffId(body.staff_id), scope=body.scope, starts_at=body.starts_at, ends_at=body.ends_at)
    made = await designate(asked, by=member, db=runtime.db, clock=runtime.clock)
    return answer(_view(made, runtime.clock.now()), status=201)


@operation(
    Operation(
        summary="Take a designation back: it ends now",
        who="staff",
        right="staff:designate",
        path={"designation_id": DESIGNATION_ID},
        ok=(204, None),
        errors=(NotFound,),
    )
)
async def post_revocation(request: web.Request, *, designation_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "staff:designate"), request.app[RUNTIME]
    await revoke(designation_id, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


def _view(held: Designation, now: datetime) -> DesignationView:
    return DesignationView(
        designation_id=held.id,
        staff_id=held.staff_id,
        scope=held.scope,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        revoked_at=held.revoked_at,
        in_force=held.in_force(now),
    )
