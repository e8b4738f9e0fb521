"""The answer to a complaint: signed here, and taken back if the post returns it (C13, E86)."""

from typing import Final

from aiohttp import web

from kalecart.complaints.answer import OnPaper, answer
from kalecart.complaints.complaint import Findings
from kalecart.complaints.post_answer import answer_came_back
from kalecart.errors import Refused
from web.console.complaints import id_asked, shown
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by
from web.parse import id_of

POST: Final = "post"


async def answered(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:answer"), request.app[RUNTIME]
    form = await form_of(request)
    try:
        made = made_by(request, form, whose=member.id)
        found = Findings.parse(form.get("findings", ""), form.get("steps", ""), made)
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


async def answer_returned(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    try:
        seen = id_of(form.get("answer", ""))
        await answer_came_back(id_asked(request), seen=seen, by=member, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        return await shown(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")
