"""What is kept back from a package: decided, proposed for its cost, signed, lifted, on its request's page (C11)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import web

from kalecart.errors import Invalid, NotFound, Refused
from kalecart.money import cents_in
from kalecart.privacy.answer_estimate import answer_estimate
from kalecart.privacy.restrict import Asked, lift, restrict, sign
from kalecart.privacy.restriction import Ground
from web.console.requests import request_id_in, shown_page
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.data import answer_in
from web.pages.forms import form_of


async def decided(request: web.Request) -> web.Response:
    form = await form_of(request)

    def act(**by: Any) -> Awaitable[object]:
        return restrict(request_id_in(request), _asked(form), **by)

    return await _done(request, act)


async def lifted(request: web.Request) -> web.Response:
    return await _done(request, partial(lift, request_id_in(request), request.match_info["what"]))


async def signed(request: web.Request) -> web.Response:
    return await _done(request, partial(sign, request_id_in(request), request.match_info["what"]))


async def answered(request: web.Request) -> web.Response:
    """What somebody without a log-in wrote back."""
    answer = answer_in(await form_of(request))
    return await _done(request, partial(answer_estimate, request_id_in(request), request.match_info["what"], answer))


async def _done(request: web.Request, act: Callable[..., Awaitable[object]]) -> web.Response:
    """Do it as whoever is logged in; what is refused is said on the request's page."""
    member, runtime = await member_with(request, "requests:act"), request.app[RUNTIME]
    try:
        await act(by=member, db=runtime.db, clock=runtime.clock)
    except NotFound:
        raise
    except Refused as refusal:
        return await shown_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/requests/{request_id_in(request)}#kept-back")


def _asked(form: dict[str, str]) -> Asked:
    if form.get("ground") not in set(Ground):
        raise Invalid({"/ground": "Choose why it is kept back."})
    typed = form.get("estimate", "").strip()
    cents = cents_in(typed)
    if typed and cents is None:
        raise Invalid({"/estimate": "Give the estimate in dollars."})
    return Asked(what=form.get("what", ""), ground=Ground(form["ground"]), estimate_cents=cents)
