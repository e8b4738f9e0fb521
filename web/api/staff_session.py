"""Staff log in and out."""

from uuid import UUID

from aiohttp import web

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.accounts.visit import Visit
from kalecart.allowances import TooManyTries
from kalecart.staff.log_in import log_in_staff, log_out_staff
from kalecart.staff.member import STAFF_SESSION_TTL
from kalecart.staff.rights import Role
from web.api.customers import LogInBody
from web.api.operation import Operation, operation
from web.api.shapes import View, answer, nothing
from web.keys import ALLOWANCES, COOKIES, RUNTIME


class StaffView(View):
    staff_id: UUID
    role: Role


@operation(Operation(summary="Log in as staff", body=LogInBody, ok=(201, StaffView), errors=(WrongLogIn, TooManyTries)))
async def post_staff_session(request: web.Request, *, body: LogInBody) -> web.Response:
    runtime, cookies = request.app[RUNTIME], request.app[COOKIES]
    entered = await log_in_staff(
        LogIn(email=body.email, password=body.password),
        Visit(origin=request.remote or "", session_token=cookies.token(request, cookies.staff)),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        allowances=request.app[ALLOWANCES],
    )
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
