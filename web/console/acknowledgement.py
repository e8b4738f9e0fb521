"""The acknowledgement of a complaint on paper: printed here, and written down once it is posted (C12)."""

from aiohttp import web

from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.print_acknowledgement import print_acknowledgement
from kalecart.errors import Refused
from web.console.complaints import day_typed, id_asked, shown
from web.console.session import member_with
from web.download import file_response
from web.keys import RUNTIME
from web.pages.forms import form_of


async def acknowledgement_file(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:act"), request.app[RUNTIME]
    letter = await print_acknowledgement(
        id_asked(request),
        public_url=runtime.settings.public_url,
        by=member,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )
    return file_response(letter.name, "application/pdf", letter.content)


async def acknowledged(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    posted_at = day_typed(form.get("acknowledged_on", ""), runtime.clock.now())
    try:
        await acknowledge(id_asked(request), posted_at=posted_at, by=member, db=runtime.db, clock=runtime.clock)
    except Refused as refusal:
        fields = {"/posted_at": "acknowledged_on"}
        return await shown(request, member, refusal=refusal, values=form, fields=fields)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")
