"""Staff log in and out."""

from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.accounts.visit import Visit
from kalecart.allowances import TooManyTries
from kalecart.staff.log_in import SecondStepNeeded, log_in_staff, log_out_staff
from kalecart.staff.log_in_code import WrongCode, log_in_with_code
from kalecart.staff.rights import Role
from kalecart.staff.session import STAFF_SESSION_TTL
from web.api.customers import LogInBody
from web.api.operation import Operation, operation
from web.api.shapes import View, answer, nothing
from web.keys import ALLOWANCES, COOKIES, RUNTIME


class StaffView(View):
    staff_id: UUID
    role: Role


class StaffLogInBody(LogInBody):
    code: Annotated[
        str | None,
        Field(
            max_length=40,
            description="A one-time code or a recovery code: needed by whoever has passkeys or an app for codes.",
        ),
    ] = None


@operation(
    Operation(
        summary="Log in as staff. Where more than a password is required and none is set up, every other answer is 403"
        " until it is, at /staff/log-ins. A session ends after half an hour without use and after twelve hours",
        body=StaffLogInBody,
        ok=(201, StaffView),
        errors=(WrongLogIn, SecondStepNeeded, WrongCode, TooManyTries),
    )
)
async def post_staff_session(request: web.Request, *, body: StaffLogInBody) -> web.Response:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    visit = Visit(origin=request.remote or "", session_token=cookies.token(request, cookies.staff))
    verbs: dict[str, Any] = {"db": runtime.db, "vault": runtime.vault, "clock": runtime.clock}
    verbs["allowances"] = request.app[ALLOWANCES]
    try:
        entered = await log_in_staff(LogIn(email=body.email, password=body.password), visit, **verbs)
    except SecondStepNeeded as more:
        if body.code is None:
            raise
        entered = await log_in_with_code(more.step, body.code, visit, **verbs)
    response = answer(StaffView(staff_id=entered.member.id, role=entered.member.role), status=201)
    cookies.set(response, cookies.staff, entered.session_token, lifetime=STAFF_SESSION_TTL)
    return response


@operation(Operation(summary="Log out as staff", ok=(204, None)))
async def delete_staff_session(request: web.Request) -> web.Response:
    cookies = request.app[COOKIES]
    await log_out_staff(cookies.token(request, cookies.staff), db=request.app[RUNTIME].db)
    response = nothing()
    cookies.drop(response, cookies.staff)
    return response
