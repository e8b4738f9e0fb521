"""Staff log in and out."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.accounts.visit import Visit
from kalecart.allowances import TooManyTries
from kalecart.errors import Refused
from kalecart.staff.log_in import log_in_staff, log_out_staff
from kalecart.staff.member import STAFF_SESSION_TTL, StaffMember
from kalecart.staff.rights import Right
from web.identity import staff_of
from web.keys import ALLOWANCES, COOKIES, RUNTIME
from web.pages.forms import form_of, sentence
from web.pages.frame import local
from web.pages.rendering import render
from web.problems import status_of

# Where a log-in leads: the first page that its role may see.
HOMES: Final[tuple[tuple[Right, str], ...]] = (("orders:read", "/staff/orders"), ("requests:read", "/staff/requests"))
# For whoever was an administrator, and is not designated now.
ELSEWHERE: Final = "/staff/policy"
# What is left to somebody whose training has lapsed (C8).
TRAINING: Final = "/staff/training"
ENTRANCE: Final = "/staff"
# What is left to somebody who has not read the policy in time (C9).
READ_FIRST: Final = ("/staff/policy", "/staff/policy/acknowledgement")


async def console(request: web.Request) -> web.Response:
    raise web.HTTPSeeOther(_first_page(await staff_member(request)))


async def log_in_page(request: web.Request) -> web.Response:
    if await staff_of(request) is not None:
        raise web.HTTPSeeOther(ENTRANCE)
    return _form(request, {}, to=_home(request.query.get("to")))


async def logged_in(request: web.Request) -> web.Response:
    form, runtime, cookies = await form_of(request), request.app[RUNTIME], request.app[COOKIES]
    try:
        entered = await log_in_staff(
            LogIn(email=form.get("email", ""), password=form.get("password", "")),
            Visit(origin=request.remote or "", session_token=cookies.token(request, cookies.staff)),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except (WrongLogIn, TooManyTries) as refusal:
        return _form(request, form, to=_home(form.get("to")), refusal=refusal)
    wanted = _home(form.get("to"))
    to = _first_page(entered.member) if wanted == ENTRANCE else wanted
    response = web.Response(status=303, headers={"Location": to})
    cookies.set(response, cookies.staff, entered.session_token, lifetime=STAFF_SESSION_TTL)
    return response


async def logged_out(request: web.Request) -> web.Response:
    cookies = request.app[COOKIES]
    await log_out_staff(cookies.token(request, cookies.staff), db=request.app[RUNTIME].db)
    response = web.Response(status=303, headers={"Location": "/staff/log-in"})
    cookies.drop(response, cookies.staff)
    return response


async def staff_member(request: web.Request) -> StaffMember:
    """Who is at the console; anybody else is sent to log in and comes back."""
    member = await staff_of(request)
    if member is None:
        raise web.HTTPSeeOther("/staff/log-in" + (f"?to={request.rel_url.path}" if request.method == "GET" else ""))
    if request.path not in (TRAINING, *READ_FIRST):
        if member.untrained:
            raise web.HTTPSeeOther(TRAINING)
        if member.paused:
            raise web.HTTPSeeOther(READ_FIRST[0])
    return member


async def member_with(request: web.Request, right: Right) -> StaffMember:
    """Who is at the console and has the right. Raises RoleForbids."""
    member = await staff_member(request)
    member.require(right)
    return member


def _home(address: str | None) -> str:
    """Only to the console: shop pages know nothing of this log-in."""
    wanted = local(address, ENTRANCE)
    return wanted if wanted.startswith("/staff/") else ENTRANCE


def _first_page(member: StaffMember) -> str:
    return next((page for right, page in HOMES if member.may(right)), ELSEWHERE)


def _form(request: web.Request, form: Mapping[str, str], *, to: str, refusal: Refused | None = None) -> web.Response:
    return render(
        "staff/log_in.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=request.app[RUNTIME].settings.demo,
        member=None,
        values={"email": form.get("email", "")},
        problems={"email": sentence(refusal)} if refusal else {},
        to=to,
    )
