"""Reviews of who may do what: each quarter somebody else confirms it, or takes it away there and then (C8)."""

from typing import Final

from aiohttp import web

from kalecart.audits import reads
from kalecart.audits.decide import Asked, LineDecided, NotHeld, OwnAccess, decide
from kalecart.audits.review import Line
from kalecart.errors import Invalid, Refused
from kalecart.staff import reads as staff
from kalecart.staff.change_role import SameRole
from kalecart.staff.designation import Scope
from kalecart.staff.leave import LastManager
from kalecart.staff.rights import Role
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

# How a role is spoken of on a page.
ROLES: Final = {Role.MANAGER: "Manager", Role.ORDERS: "Orders and stock", Role.PRIVACY: "Privacy administrator"}


async def reviews_page(request: web.Request) -> web.Response:
    return await _page(request)


async def decided(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "access:review"), await form_of(request), request.app[RUNTIME]
    line_id = id_in(request, "line_id", missing="There is no such line.")
    asked = Asked(outcome=form.get("outcome", ""), instead=form.get("instead", ""))
    try:
        await decide(line_id, asked, by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, LastManager, LineDecided, NotHeld, OwnAccess, SameRole) as refusal:
        return await _page(request, refusal=refusal)
    raise web.HTTPSeeOther("/staff/reviews")


async def _page(request: web.Request, *, refusal: Refused | None = None) -> web.Response:
    member, runtime = await member_with(request, "access:review"), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        reviews = await reads.reviews(tx, now=now)
        shown = [each.id for place, each in enumerate(reviews) if (each.left if place else each.lines)]
        lines = {each: await reads.lines(tx, each, now=now) for each in shown}
        people = await staff.everybody(tx, runtime.vault)
    return render(
        "staff/reviews.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        reviews=reviews,
        lines=lines,
        names={each.id: each.name for each in people},
        words=words_of,
        roles=ROLES,
        now=now,
        problems={"": " ".join(problems_in(refusal, "").values())} if refusal else {},
    )


def words_of(line: Line) -> str:
    return ROLES[Role(line.what)] if line.kind == "role" else Scope(line.what).label
