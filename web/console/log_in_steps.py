"""Log in with a passkey, or with a code after the password."""

from aiohttp import web

from kalecart.allowances import TooManyTries
from kalecart.errors import NotFound, Refused
from kalecart.staff.ceremony import KeyRefused, Site
from kalecart.staff.log_in_code import StepOver, WrongCode, log_in_with_code
from kalecart.staff.log_in_key import ask_for_key, log_in_with_key
from web.console.session import home, log_in_form, second_step, site_of, staff_visit, welcome
from web.keys import ALLOWANCES, RUNTIME
from web.pages.forms import form_of, sentence
from web.problems import status_of


async def key_asked(request: web.Request) -> web.Response:
    """For the page's script: what to ask the browser, as JSON."""
    runtime = request.app[RUNTIME]
    try:
        options = await ask_for_key(
            staff_visit(request),
            site=site_here(request),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except TooManyTries as refusal:
        return refused_script(refusal)
    return web.Response(text=options, content_type="application/json")


async def key_used(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    to = home(form.get("to"))
    try:
        entered = await log_in_with_key(
            form.get("credential", ""),
            staff_visit(request),
            site=site_here(request),
            db=runtime.db,
            clock=runtime.clock,
        )
    except KeyRefused as refusal:
        return log_in_form(request, form, to=to, refusal=refusal, field="use-key")
    return welcome(request, entered, to=to)


async def code_typed(request: web.Request) -> web.Response:
    form, runtime = await form_of(request), request.app[RUNTIME]
    to, step = home(form.get("to")), form.get("step", "")
    try:
        entered = await log_in_with_code(
            step,
            form.get("code", ""),
            staff_visit(request),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except StepOver as refusal:
        return log_in_form(request, {}, to=to, refusal=refusal)
    except (WrongCode, TooManyTries) as refusal:
        return second_step(request, step, to=to, refusal=refusal)
    return welcome(request, entered, to=to)


def site_here(request: web.Request) -> Site:
    site = site_of(request)
    if site is None:
        raise NotFound("This shop has no name that passkeys could be for.")
    return site


def refused_script(refusal: Refused, words: str | None = None) -> web.Response:
    """What the script says beside its button."""
    said = {"problem": words or sentence(refusal)}
    return web.json_response(said, status=status_of(type(refusal)))
