"""Who works here, for the manager, and the end of an employment (C8)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId
from kalecart.staff import reads
from kalecart.staff.change_role import OwnRole, SameRole, change_role
from kalecart.staff.leave import LastManager, leave
from kalecart.staff.reset_factors import ResetOwn, reset_factors
from kalecart.staff.rights import Role
from kalecart.staff.train import train
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, View, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

STAFF_ID: Final = PathPart(pattern=UUID_PATTERN, description="The number of somebody who works here.", convert=UUID)


class ColleagueView(View):
    staff_id: UUID
    name: str
    role: Role
    joined_at: datetime
    left_at: datetime | None
    trained_until: Annotated[datetime | None, Field(description="None for who was never trained.")]


class TrainingBody(Body):
    held_on: Annotated[date, Field(strict=False, description="The day of the training, in the shop's time zone.")]


class RoleBody(Body):
    role: Annotated[Role, Field(strict=False)]


class ColleaguesView(View):
    people: list[ColleagueView]


@operation(
    Operation(
        summary="List who works here, and then who left", who="staff", right="staff:leave", ok=(200, ColleaguesView)
    )
)
async def list_people(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.everybody(tx, runtime.vault)
    people = [
        ColleagueView(
            staff_id=each.id,
            name=each.name,
            role=each.role,
            joined_at=each.joined_at,
            left_at=each.left_at,
            trained_until=each.trained.until,
        )
        for each in found
    ]
    return answer(ColleaguesView(people=people))


@operation(
    Operation(
        summary="Say that somebody works here no longer: their log-ins end at once",
        who="staff",
        right="staff:leave",
        path={"staff_id": STAFF_ID},
        ok=(204, None),
        errors=(NotFound, LastManager),
    )
)
async def post_departure(request: web.Request, *, staff_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "staff:leave"), request.app[RUNTIME]
    await leave(StaffId(staff_id), by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Give somebody another role: their log-ins end at once",
        who="staff",
        right="staff:role",
        path={"staff_id": STAFF_ID},
        body=RoleBody,
        ok=(204, None),
        errors=(NotFound, OwnRole, SameRole, LastManager),
    )
)
async def post_role(request: web.Request, *, staff_id: UUID, body: RoleBody) -> web.Response:
    member, runtime = await require_staff(request, "staff:role"), request.app[RUNTIME]
    await change_role(StaffId(staff_id), body.role, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Write down that somebody was trained: it counts for a year",
        who="staff",
        right="staff:train",
        path={"staff_id": STAFF_ID},
        body=TrainingBody,
        ok=(204, None),
        errors=(Invalid,),
    )
)
async def post_training(request: web.Request, *, staff_id: UUID, body: TrainingBody) -> web.Response:
    member, runtime = await require_staff(request, "staff:train"), request.app[RUNTIME]
    await train(StaffId(staff_id), body.held_on, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(
        summary="Forget a colleague's passkeys and codes, which they lost, and end all their log-ins",
        who="staff",
        right="staff:reset",
        path={"staff_id": STAFF_ID},
        ok=(204, None),
        errors=(NotFound, ResetOwn),
    )
)
async def post_log_in_reset(request: web.Request, *, staff_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "staff:reset"), request.app[RUNTIME]
    await reset_factors(StaffId(staff_id), by=member, db=runtime.db, clock=runtime.clock)
    return nothing()
