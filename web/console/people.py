"""Who works here, for the manager: since when, in which role; and the end of an employment (C8)."""

from aiohttp import web

from kalecart.errors import Conflict
from kalecart.ids import StaffId
from kalecart.staff import reads
from kalecart.staff.leave import LastManager, leave
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import sentence
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of


async def people_page(request: web.Request) -> web.Response:
    return await _page(request)


async def left(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    staff_id = StaffId(id_in(request, "staff_id", missing="There is no such member of staff."))
    try:
        await leave(staff_id, by=member, db=runtime.db, clock=runtime.clock)
    except LastManager as refusal:
        return await _page(request, refusal=refusal)
    raise web.HTTPSeeOther("/staff/people")


async def _page(request: web.Request, *, refusal: Conflict | None = None) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("staff:leave")
    async with runtime.db.snapshot() as tx:
        people = await reads.everybody(tx, runtime.vault)
    return render(
        "staff/people.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        people=people,
        problem=sentence(refusal) if refusal else None,
    )
