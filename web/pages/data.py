"""Your data: ask for what is held about you, for a correction or to be erased, and get the answer (C10, C11)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import RequestId
from kalecart.privacy import reads
from kalecart.privacy.answer_estimate import answer_estimate
from kalecart.privacy.ask import ask_in_account
from kalecart.privacy.hand_over import hand_over, open_link
from kalecart.privacy.request import Kind
from kalecart.privacy.restriction import ANSWERS, Step
from kalecart.privacy.subject import Person
from web.download import package_response
from web.keys import ALLOWANCES, RUNTIME
from web.pages.forms import form_of, query_text
from web.pages.frame import frame_of, signed_in
from web.pages.people import problems_in
from web.pages.rendering import render
from web.pages.request_words import ASKED, KINDS, STATES
from web.problems import status_of

TOKEN_LENGTH_MAX: Final = 100


async def data_page(request: web.Request) -> web.Response:
    return await _page(request)


async def asked(request: web.Request) -> web.Response:
    """One form for all kinds: what is asked, and the password once more."""
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    try:
        await ask_in_account(
            kind_in(form),
            customer_id=customer,
            password=form.get("password", ""),
            db=runtime.db,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except Refused as refusal:
        return await _page(request, refusal=refusal, field="password", kind=form.get("kind", ""))
    raise web.HTTPSeeOther("/account/data?done=asked")


async def link_made(request: web.Request) -> web.Response:
    """The password opens a link that works once; the browser is sent along it."""
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    request_id = request_id_in(request)
    try:
        token = await open_link(
            request_id,
            customer_id=customer,
            password=form.get("password", ""),
            db=runtime.db,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except NotFound:
        raise
    except Refused as refusal:
        return await _page(request, refusal=refusal, field=f"password-{request_id}", opening=request_id)
    raise web.HTTPSeeOther(f"/account/data/{request_id}/package?link={token}")


async def package(request: web.Request) -> web.Response:
    return await package_for(request, Person.customer(await signed_in(request)))


async def estimate_answered(request: web.Request) -> web.Response:
    """Whether something that costs much to find may be left out, or less of it searched."""
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    asked, what = request_id_in(request), request.match_info["what"]
    await answer_estimate(asked, what, answer_in(form), by=customer, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/account/data")


async def package_for(request: web.Request, whose: Person) -> web.Response:
    """What the link in the address opens."""
    runtime, token = request.app[RUNTIME], query_text(request, "link", most=TOKEN_LENGTH_MAX)
    got = await hand_over(
        request_id_in(request), token, person=whose, db=runtime.db, vault=runtime.vault, clock=runtime.clock
    )
    return package_response(got)


def kind_in(form: Mapping[str, str]) -> Kind:
    if form.get("kind") not in set(Kind):
        raise Invalid({"/kind": "Choose what you ask for."})
    return Kind(form["kind"])


def answer_in(form: Mapping[str, str]) -> Step:
    if form.get("answer") not in set(ANSWERS):
        raise Invalid({"/answer": "Choose one of the answers."})
    return Step(form["answer"])


def request_id_in(request: web.Request) -> RequestId:
    try:
        return RequestId(UUID(request.match_info["request_id"]))
    except ValueError:
        raise NotFound("There is no such request.") from None


async def _page(
    request: web.Request,
    *,
    refusal: Refused | None = None,
    field: str = "",
    kind: str = Kind.ACCESS,
    opening: RequestId | None = None,
) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        requests = await reads.requests_of(tx, Person.customer(customer))
    return render(
        "data.html",
        status=status_of(type(refusal)) if refusal else 200,
        frame=await frame_of(request),
        requests=requests,
        now=runtime.clock.now(),
        kinds=KINDS,
        states=STATES,
        values={"kind": kind},
        problems=problems_in(refusal, field, {"/password": field}),
        opening=opening,
        done=ASKED if query_text(request, "done", most=20) == "asked" else None,
    )
