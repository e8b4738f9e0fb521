"""Letters about a complaint on paper: printed here, and written down once they are posted (C12, C13)."""

from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.letter import Printed
from kalecart.complaints.post_answer import post_answer
from kalecart.complaints.print_acknowledgement import print_acknowledgement
from kalecart.complaints.print_answer import print_answer
from kalecart.complaints.print_explanation import print_explanation
from kalecart.errors import Refused
from web.console.complaints import day_typed, id_asked, shown
from web.console.session import member_with
from web.download import file_response
from web.keys import RUNTIME
from web.pages.forms import form_of
from web.parse import id_of


async def acknowledgement_file(request: web.Request) -> web.Response:
    return await _file(request, print_acknowledgement)


async def acknowledged(request: web.Request) -> web.Response:
    return await _posted(request, acknowledge, "acknowledged_on")


async def answer_file(request: web.Request) -> web.Response:
    return await _file(request, print_answer)


async def answer_posted(request: web.Request) -> web.Response:
    return await _posted(request, post_answer, "posted_on")


async def explanation_file(request: web.Request) -> web.Response:
    return await _file(request, print_explanation)


async def _file(request: web.Request, printed: Callable[..., Coroutine[Any, Any, Printed]]) -> web.Response:
    member, runtime = await member_with(request, "complaints:act"), request.app[RUNTIME]
    letter = await printed(
        id_asked(request),
        public_url=runtime.settings.public_url,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return file_response(letter.name, "application/pdf", letter.content)


async def _posted(
    request: web.Request, written_down: Callable[..., Coroutine[Any, Any, None]], field: str
) -> web.Response:
    """`field` is that of the form with the day; a form about an answer says about which."""
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    said: dict[str, Any] = {"posted_at": day_typed(form.get(field, ""), runtime.clock.now())}
    if "answer" in form:
        said["seen"] = id_of(form["answer"])
    try:
        await written_down(id_asked(request), **said, by=member, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        return await shown(request, member, refusal=refusal, values=form, fields={"/posted_at": field})
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")
