"""Sign up, log in, log out."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.accounts.log_in import LogIn, WrongLogIn, log_in
from kalecart.accounts.log_out import log_out, log_out_everywhere
from kalecart.accounts.sign_up import EmailTaken, SignUp, sign_up
from kalecart.accounts.visit import Entered
from kalecart.allowances import TooManyTries
from kalecart.clock import shop_date
from kalecart.consent.purpose import ASKED_AT_SIGN_UP, NECESSITIES
from kalecart.consent.words import WORDS
from kalecart.customers.address import Address
from kalecart.errors import Invalid, KaleCartError, Refused
from kalecart.policy import reads as policy
from web.entrance import enter, leave, visit_of
from web.identity import customer_of
from web.keys import ALLOWANCES, COOKIES, RUNTIME
from web.pages.cart import kept_then
from web.pages.forms import form_of, problems_of, sentence
from web.pages.frame import frame_of, local
from web.pages.rendering import render
from web.problems import status_of
from web.signal import asks_not_to_be_counted

# Why each field is asked, in the words of the one table that also enforces it (C1, C5).
WHY: Final[Mapping[str, str]] = {row.field: row.reason for row in NECESSITIES}
SECRET: Final = ("password", "current_password", "new_password", "details_password")


async def sign_up_page(request: web.Request) -> web.Response:
    return await _sign_up_form(request, {"state": "CA"}, to=local(request.query.get("to")))


async def signed_up(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        entered = await _sign_up(request, form)
    except (Invalid, EmailTaken, TooManyTries) as refusal:
        return await _sign_up_form(request, form, to=local(form.get("to")), refusal=refusal)
    return _welcome(request, entered, local(form.get("to")))


async def log_in_page(request: web.Request) -> web.Response:
    if await customer_of(request) is not None:
        raise web.HTTPSeeOther(local(request.query.get("to")))
    return await _log_in_form(request, {}, to=local(request.query.get("to")))


async def logged_in(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    try:
        entered = await log_in(
            LogIn(email=form.get("email", ""), password=form.get("password", "")),
            visit_of(request),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except (WrongLogIn, TooManyTries) as refusal:
        return await _log_in_form(request, form, to=local(form.get("to")), refusal=refusal)
    return _welcome(request, entered, local(form.get("to")))


async def logged_out(request: web.Request) -> web.Response:
    cookies = request.app[COOKIES]
    await log_out(cookies.token(request, cookies.session), db=request.app[RUNTIME].db)
    return leave(request, web.Response(status=303, headers={"Location": "/"}))


async def logged_out_everywhere(request: web.Request) -> web.Response:
    customer = await customer_of(request)
    if customer is not None:
        await log_out_everywhere(customer, db=request.app[RUNTIME].db)
    return leave(request, web.Response(status=303, headers={"Location": "/log-in"}))


def kept(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again; but no password ever goes back into a page."""
    return {name: value for name, value in form.items() if name not in SECRET}


def address_in(form: Mapping[str, str]) -> Address:
    fields = ("street", "unit", "city", "state", "postal_code")
    return Address(**{field: form.get(field, "") for field in fields})


async def policy_in_force(request: web.Request) -> str:
    """The version that is shown with a form and recorded with what is agreed to there (E87)."""
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        return (await policy.current(tx, shop_date(runtime.clock.now()))).version


def problems_in(
    refusal: KaleCartError | None, otherwise: str, renamed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What to say beside which field; a refusal that names none belongs to `otherwise`."""
    if refusal is None:
        return {}
    return problems_of(refusal, renamed) if isinstance(refusal, Invalid) else {otherwise: sentence(refusal)}


def _welcome(request: web.Request, entered: Entered, to: str) -> web.Response:
    return enter(request, web.Response(status=303, headers={"Location": kept_then(to)}), entered)


async def _sign_up(request: web.Request, form: Mapping[str, str]) -> Entered:
    runtime = request.app[RUNTIME]
    texts = {field: form.get(field, "") for field in ("name", "email", "phone", "password")}
    return await sign_up(
        SignUp(
            **texts,
            address=address_in(form),
            payment_and_delivery="payment_and_delivery" in form,
            improve_service="improve_service" in form,
            policy_version=form.get("policy_version") or None,
            signal=asks_not_to_be_counted(request),
        ),
        visit_of(request),
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        terms=runtime.settings.terms,
        allowances=request.app[ALLOWANCES],
    )


async def _sign_up_form(
    request: web.Request, form: Mapping[str, str], *, to: str, refusal: Refused | None = None
) -> web.Response:
    return render(
        "sign_up.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        values=kept(form),
        problems=problems_in(refusal, "email"),
        to=to,
        why=WHY,
        consents=[WORDS[purpose] for purpose in ASKED_AT_SIGN_UP],
        signal=asks_not_to_be_counted(request),
        policy_version=form.get("policy_version") or await policy_in_force(request),
    )


async def _log_in_form(
    request: web.Request, form: Mapping[str, str], *, to: str, refusal: Refused | None = None
) -> web.Response:
    return render(
        "log_in.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        values=kept(form),
        problems=problems_in(refusal, "email"),
        to=to,
    )
