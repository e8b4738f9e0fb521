"""Holds: what the law obliges the shop to keep of somebody, placed and lifted by the manager (C11, E70)."""

from datetime import UTC, date, datetime, time
from typing import Final

from aiohttp import web

from kalecart.clock import SHOP_ZONE
from kalecart.errors import NotFound, Refused
from kalecart.privacy.place_hold import lift_hold, place_hold_on
from kalecart.privacy.reads_erasure import legal_holds
from web.console.session import member_with, staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

SHOWN_MAX: Final = 200


async def holds_page(request: web.Request) -> web.Response:
    return await _page(request)


async def placed(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        await place_hold_on(
            form.get("email", ""),
            ground=form.get("ground", ""),
            review_at=_morning(form.get("review_at", "")),
            by=member,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
        )
    except NotFound:
        raise
    except Refused as refusal:
        return await _page(request, refusal=refusal, values=form)
    raise web.HTTPSeeOther("/staff/holds")


async def lifted(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "holds:place"), request.app[RUNTIME]
    hold_id = id_in(request, "hold_id", missing="There is no such hold.")
    await lift_hold(hold_id, by=member.id, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/holds")


async def _page(
    request: web.Request, *, refusal: Refused | None = None, values: dict[str, str] | None = None
) -> web.Response:
    member, runtime = await member_with(request, "holds:place"), request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        found = await legal_holds(tx, limit=SHOWN_MAX)
    return render(
        "staff/holds.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        holds=found,
        values=values or {},
        problems=problems_in(refusal, "ground"),
        now=runtime.clock.now(),
    )


def _morning(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), SHOP_ZONE).astimezone(UTC)
    except ValueError:
        return None
