"""What is kept back from a package, for staff: decide it, propose it for its cost, sign that, lift it (C11)."""

from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid, NotFound
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.answer_estimate import answer_estimate
from kalecart.privacy.request import RequestMovedOn
from kalecart.privacy.restrict import Asked, lift, restrict, sign
from kalecart.privacy.restriction import Ground, RestrictionMovedOn
from kalecart.staff.member import RoleForbids
from web.api.operation import Operation, operation
from web.api.privacy import REQUEST_ID, WHAT, AnswerBody, RequestView, request_view
from web.api.shapes import Body, answer
from web.identity import require_staff
from web.keys import RUNTIME

_MOVED: Final = (NotFound, RequestMovedOn, RestrictionMovedOn)
_ONE: Final = {"request_id": REQUEST_ID, "what": WHAT}


class RestrictBody(Body):
    what: Annotated[str, Field(pattern="^[a-z_]{1,40}$", description="A table of the register, `paper` or `backups`.")]
    ground: Annotated[Ground, Field(strict=False)]
    estimate_cents: Annotated[int | None, Field(ge=1, description="What finding it would cost; for `cost` only.")] = (
        None
    )


@operation(
    Operation(
        summary="Keep something back from a package; for cost, propose it and tell the person the estimate",
        who="staff",
        right="requests:act",
        path={"request_id": REQUEST_ID},
        body=RestrictBody,
        ok=(201, RequestView),
        errors=(*_MOVED, Invalid),
    )
)
async def post_restriction(request: web.Request, *, request_id: UUID, body: RestrictBody) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    asked = Asked(what=body.what, ground=body.ground, estimate_cents=body.estimate_cents)
    await restrict(RequestId(request_id), asked, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, request_id, status=201)


@operation(
    Operation(
        summary="Hand over after all what was kept back",
        who="staff",
        right="requests:act",
        path=_ONE,
        ok=(200, RequestView),
        errors=_MOVED,
    )
)
async def delete_restriction(request: web.Request, *, request_id: UUID, what: str) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    await lift(RequestId(request_id), what, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, request_id)


@operation(
    Operation(
        summary="Sign that something costs too much: the accountable manager, once the person could answer",
        who="staff",
        right="requests:act",
        path=_ONE,
        ok=(200, RequestView),
        errors=(*_MOVED, RoleForbids),
    )
)
async def post_restriction_signature(request: web.Request, *, request_id: UUID, what: str) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    await sign(RequestId(request_id), what, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, request_id)


@operation(
    Operation(
        summary="Write down what a person without a log-in answered to an estimate",
        who="staff",
        right="requests:act",
        path=_ONE,
        body=AnswerBody,
        ok=(200, RequestView),
        errors=_MOVED,
    )
)
async def post_restriction_answer(
    request: web.Request, *, request_id: UUID, what: str, body: AnswerBody
) -> web.Response:
    member, runtime = await require_staff(request, "requests:act"), request.app[RUNTIME]
    await answer_estimate(RequestId(request_id), what, body.answer, by=member, db=runtime.db, clock=runtime.clock)
    return await _shown(request, request_id)


async def _shown(request: web.Request, request_id: UUID, *, status: int = 200) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await reads.shown(tx, RequestId(request_id))
    return answer(request_view(found, runtime.clock.now()), status=status)
