"""What the shop holds about who works here: asked for at the console, with the password once more (C10)."""

from aiohttp import web

from kalecart.errors import NotFound, Refused
from kalecart.privacy import reads
from kalecart.privacy.ask_at_work import AT_WORK, ask_at_work
from kalecart.privacy.hand_over import open_link_at_work
from kalecart.privacy.request import Kind
from kalecart.privacy.retention import RULES
from kalecart.privacy.subject import Person
from web.console.request_words import KINDS, STATES
from web.console.session import staff_member
from web.keys import ALLOWANCES, RUNTIME
from web.pages.data import kind_in, package_for, request_id_in
from web.pages.forms import form_of
from web.pages.people import problems_in
from web.pages.rendering import render
from web.problems import status_of


async def data_page(request: web.Request) -> web.Response:
    return await _page(request)


async def asked(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        await ask_at_work(
            kind_in(form),
            staff_id=member.id,
            password=form.get("password", ""),
            db=runtime.db,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except Refused as refusal:
        return await _page(request, refusal=refusal, field="password", kind=form.get("kind", ""))
    raise web.HTTPSeeOther("/staff/data")


async def link_made(request: web.Request) -> web.Response:
    """The password opens a link that works once; the browser is sent along it."""
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    request_id = request_id_in(request)
    try:
        token = await open_link_at_work(
            request_id,
            staff_id=member.id,
            password=form.get("password", ""),
            db=runtime.db,
            clock=runtime.clock,
            allowances=request.app[ALLOWANCES],
        )
    except NotFound:
        raise
    except Refused as refusal:
        return await _page(request, refusal=refusal, field=f"password-{request_id}")
    raise web.HTTPSeeOther(f"/staff/data/{request_id}/package?link={token}")


async def package(request: web.Request) -> web.Response:
    return await package_for(request, Person.staff((await staff_member(request)).id))


async def _page(
    request: web.Request, *, refusal: Refused | None = None, field: str = "", kind: str = Kind.ACCESS
) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        requests = await reads.requests_of(tx, Person.staff(member.id))
    return render(
        "staff/data.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        requests=requests,
        now=runtime.clock.now(),
        kinds={each: KINDS[each] for each in AT_WORK},
        states=STATES,
        kept=RULES["employment"].says,
        values={"kind": kind},
        problems=problems_in(refusal, field, {"/password": field}),
    )
