"""Staff log in and out."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.accounts.visit import Visit
from kalecart.allowances import TooManyTries
from kalecart.errors import Refused
from kalecart.staff.ceremony import Site
from kalecart.staff.enter import StaffEntered
from kalecart.staff.log_in import SecondStepNeeded, log_in_staff, log_out_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right
from kalecart.staff.session import STAFF_SESSION_TTL
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
# What is left to whoever brought a password where more is needed; and anybody may look after their own log-in (C8).
OWN_LOG_INS: Final = "/staff/log-ins"


async def console(request: web.Request) -> web.Response:
    raise web.HTTPSeeOther(_first_page(await staff_member(request)))


async def log_in_page(request: web.Request) -> web.Response:
    if await staff_of(request) is not None:
        raise web.HTTPSeeOther(ENTRANCE)
    return log_in_form(request, {}, to=home(request.query.get("to")))


async def logged_in(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    try:
        entered = await log_in_staff(
            LogIn(email=form.get("email", ""), password=form.get("password", "")),
            staff_visit(request),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except SecondStepNeeded as more:
        return second_step(request, more.step, to=home(form.get("to")))
    except (WrongLogIn, TooManyTries) as refusal:
        return log_in_form(request, form, to=home(form.get("to")), refusal=refusal)
    return welcome(request, entered, to=home(form.get("to")))


def staff_visit(request: web.Request) -> Visit:
    cookies = request.app[COOKIES]
    return Visit(origin=request.remote or "", session_token=cookies.token(request, cookies.staff))


def welcome(request: web.Request, entered: StaffEntered, *, to: str) -> web.Response:
    cookies = request.app[COOKIES]
    address = _first_page(entered.member) if to == ENTRANCE else to
    response = web.Response(status=303, headers={"Location": address})
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
    if request.path.startswith(OWN_LOG_INS):
        return member
    if member.unproved:
        raise web.HTTPSeeOther(OWN_LOG_INS)
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


def home(address: str | None) -> str:
    """Only to the console: shop pages know nothing of this log-in."""
    wanted = local(address, ENTRANCE)
    return wanted if wanted.startswith("/staff/") else ENTRANCE


def _first_page(member: StaffMember) -> str:
    return next((page for right, page in HOMES if member.may(right)), ELSEWHERE)


def site_of(request: web.Request) -> Site | None:
    """Whom passkeys are for; None where the shop has no name of its own."""
    return Site.of(request.app[RUNTIME].settings.public_url)


def log_in_form(
    request: web.Request, form: Mapping[str, str], *, to: str, refusal: Refused | None = None, field: str = "email"
) -> web.Response:
    return render(
        "staff/log_in.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=request.app[RUNTIME].settings.demo,
        member=None,
        site=site_of(request),
        values={"email": form.get("email", "")},
        problems={field: sentence(refusal)} if refusal else {},
        to=to,
    )


def second_step(request: web.Request, step: str, *, to: str, refusal: Refused | None = None) -> web.Response:
    return render(
        "staff/log_in_code.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=request.app[RUNTIME].settings.demo,
        member=None,
        site=site_of(request),
        problems={"code": sentence(refusal)} if refusal else {},
        step=step,
        to=to,
    )
