"""Who was trained and until when that counts; the manager writes the next one down (C8, C9)."""

from collections.abc import Mapping

from aiohttp import web

from kalecart.clock import shop_date
from kalecart.errors import Invalid
from kalecart.ids import StaffId
from kalecart.staff import reads
from kalecart.staff.train import train
from web.console.people import NOBODY
from web.console.session import TRAINING, staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import date_of, id_of
from web.problems import status_of


async def training_page(request: web.Request) -> web.Response:
    return await _page(request)


async def recorded(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    whom = StaffId(id_of(form.get("staff_id", "")) or NOBODY)
    try:
        held_on, made = date_of(form.get("held_on", "")), made_by(request, form, whose=member.id)
        await train(whom, held_on, by=member, db=runtime.db, clock=runtime.clock, made=made)
    except Invalid as refusal:
        return await _page(request, refusal=refusal, values=form)
    raise web.HTTPSeeOther(TRAINING)


async def _page(
    request: web.Request, *, refusal: Invalid | None = None, values: Mapping[str, str] | None = None
) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        people = await reads.everybody(tx, runtime.vault) if member.may("staff:train") else ()
    return render(
        "staff/training.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        people=[each for each in people if each.left_at is None],
        now=now,
        values=values or {"held_on": shop_date(now).isoformat()},
        problems=problems_in(refusal, "staff_id"),
    )
