"""Holds for programs of staff: place, lift, see (C11, E70)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid, NotFound
from kalecart.privacy.place_hold import HeldAlready, lift_hold, place_hold_on
from kalecart.privacy.reads_erasure import legal_holds
from web.api.customers import Text
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import Body, Instant, View, answer
from web.identity import require_staff
from web.keys import RUNTIME

SHOWN_MAX: Final = 200


class HoldBody(Body):
    email: Annotated[Text, Field(description="The customer's e-mail address, or their number.")]
    ground: Annotated[Text, Field(description="A code or the number of a case, without spaces and names.")]
    review_at: Annotated[Instant, Field(description="When somebody looks again whether it is still needed.")]


class HoldView(View):
    id: UUID
    customer_id: UUID
    ground: str
    placed_by: UUID
    placed_at: datetime
    review_at: datetime
    lifted_at: datetime | None


class HoldsView(View):
    holds: Sequence[HoldView]


class PlacedView(View):
    id: UUID


@operation(
    Operation(
        summary="List holds, those that are on first",
        who="staff",
        right="holds:place",
        ok=(200, HoldsView),
    )
)
async def list_holds(request: web.Request) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await legal_holds(tx, limit=SHOWN_MAX)
    names = HoldView.model_fields
    return answer(HoldsView(holds=[HoldView(**{name: getattr(hold, name) for name in names}) for hold in found]))


@operation(
    Operation(
        summary="Keep what is held about somebody because the law obliges the shop to",
        who="staff",
        right="holds:place",
        body=HoldBody,
        ok=(201, PlacedView),
        errors=(Invalid, NotFound, HeldAlready),
    )
)
async def post_hold(request: web.Request, *, body: HoldBody) -> web.Response:
    member, runtime = await require_staff(request, "holds:place"), request.app[RUNTIME]
    placed = await place_hold_on(
        body.email,
        ground=body.ground,
        review_at=body.review_at,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return answer(PlacedView(id=placed), status=201)


@operation(
    Operation(
        summary="Lift a hold: what an erasure kept for it goes within the hour",
        who="staff",
        right="holds:place",
        path={"hold_id": PathPart(pattern=UUID_PATTERN, description="A hold's id.", convert=UUID)},
        ok=(204, None),
        errors=(NotFound,),
    )
)
async def delete_hold(request: web.Request, *, hold_id: UUID) -> web.Response:
    member, runtime = await require_staff(request, "holds:place"), request.app[RUNTIME]
    await lift_hold(hold_id, by=member.id, db=runtime.db, clock=runtime.clock)
    return web.Response(status=204)
