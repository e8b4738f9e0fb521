"""The answer to a complaint: signed here, and on paper printed, posted, and taken back if it returns (C13, E86)."""

from typing import Final

from aiohttp import web

from kalecart.complaints.answer import OnPaper, answer
from kalecart.complaints.complaint import Findings
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.complaints.print_answer import print_answer
from kalecart.errors import Refused
from web.console.complaints import day_typed, id_asked, shown
from web.console.session import member_with
from web.download import file_response
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by

POST: Final = "post"


async def answered(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:answer"), request.app[RUNTIME]
    form = await form_of(request)
    try:
        found = Findings.parse(form.get("findings", ""), form.get("steps", ""), made_by(form))
        on_paper = OnPaper(postal=form.get("postal", "")) if form.get("way") == POST else None
        await answer(
            id_asked(request),
            found,
            on_paper=on_paper,
            by=member,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
        )
    except Refused as refusal:
        return await shown(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")


async def answer_file(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:act"), request.app[RUNTIME]
    letter = await print_answer(
        id_asked(request),
        public_url=runtime.settings.public_url,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return file_response(letter.name, "application/pdf", letter.content)


async def answer_posted(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    posted_at = day_typed(form.get("posted_on", ""), runtime.clock.now())
    try:
        await post_answer(id_asked(request), posted_at=posted_at, by=member, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        return await shown(request, member, refusal=refusal, values=form, fields={"/posted_at": "posted_on"})
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")


async def answer_returned(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:act"), request.app[RUNTIME]
    try:
        await answer_came_back(id_asked(request), by=member, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        return await shown(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")
