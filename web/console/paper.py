"""Paper with personal information: which cabinet it lies in, who has the key, and how it was shredded (C8)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.errors import Conflict, Invalid, Refused
from kalecart.paper import reads
from kalecart.paper.cabinet import Named
from kalecart.paper.category import Category
from kalecart.paper.file import Filed, file
from kalecart.paper.item import SHRED_WITHIN, CabinetId, Early, PaperId, Standing, longest_until
from kalecart.paper.keep_cabinet import add_cabinet, hand_key
from kalecart.paper.move import move
from kalecart.paper.shred import shred
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by, query_text, sentence
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import date_of, id_in, id_of
from web.problems import status_of

STATES: Mapping[str, str] = {
    Standing.KEPT: "kept",
    Standing.DUE: "to be shredded",
    Standing.OVERDUE: "late",
    Standing.SHREDDED: "shredded",
}


async def paper_page(request: web.Request) -> web.Response:
    return await _board(request, await member_with(request, "paper:keep"))


async def filed(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "paper:keep"), await form_of(request), request.app[RUNTIME]
    try:
        asked = replace(filed_in(form, form.get("what", "")), id=made_by(request, form, whose=member.id))
        made = await file(asked, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    except Invalid as refusal:
        return await _board(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/paper/{made.id}?filed")


def filed_in(form: Mapping[str, str], what: str) -> Filed:
    """A paper as a form names it. Raises Invalid for a day that is none."""
    typed = form.get("keep_until", "").strip()
    day = date_of(typed)
    if typed and day is None:
        raise Invalid({"/keep_until": "Enter a day, such as 2026-11-02."})
    return Filed(what=what, cabinet_id=id_of(form.get("cabinet_id", "")), keep_until=day, about=form.get("about", ""))


async def cabinet_added(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "paper:keep"), await form_of(request), request.app[RUNTIME]
    try:
        named = Named.parse(form.get("name", ""), form.get("place", ""))
        await add_cabinet(named, id_of(form.get("holder", "")), by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await _board(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther("/staff/paper")


async def cabinet_page(request: web.Request) -> web.Response:
    return await _cabinet(request, await member_with(request, "paper:keep"))


async def key_handed(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "paper:keep"), await form_of(request), request.app[RUNTIME]
    try:
        await hand_key(
            _cabinet_id(request), id_of(form.get("holder", "")), by=member, db=runtime.db, clock=runtime.clock
        )
    except Invalid as refusal:
        return await _cabinet(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/paper/cabinets/{_cabinet_id(request)}")


async def item_page(request: web.Request) -> web.Response:
    return await _item(request, await member_with(request, "paper:keep"))


async def moved(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "paper:keep"), await form_of(request), request.app[RUNTIME]
    try:
        await move(_id(request), id_of(form.get("cabinet_id", "")), by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, Conflict) as refusal:
        return await _item(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/paper/{_id(request)}")


async def shredded(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "paper:shred"), await form_of(request), request.app[RUNTIME]
    witness, early = id_of(form.get("witness", "")), form.get("early", "")
    try:
        await shred(_id(request), witness=witness, early=early, by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, Conflict) as refusal:
        return await _item(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/paper/{_id(request)}")


async def _board(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Invalid | None = None,
    values: Mapping[str, str] | None = None,
) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    wanted = _wanted(request)
    async with runtime.db.snapshot() as tx:
        found = await reads.papers(tx, wanted, now=now)
        held = await reads.under_hold(tx, [each.id for each in found])
        trouble = await reads.trouble(tx, now=now)
        around = await _around(tx, request)
    return _render(
        "staff/paper.html",
        request,
        member,
        refusal=refusal,
        papers=found[: reads.PAGE_ROWS],
        held=held,
        more=len(found) > reads.PAGE_ROWS,
        wanted=wanted,
        trouble=trouble,
        categories=list(Category),
        longest={each: longest_until(each, now) for each in Category},
        values=values or {},
        problems=problems_in(refusal, "what"),
        **around,
    )


def _wanted(request: web.Request) -> reads.Wanted:
    state, what = query_text(request, "state", most=20), query_text(request, "what", most=20)
    cabinet, page = id_of(query_text(request, "cabinet", most=36)), query_text(request, "page", most=4)
    return reads.Wanted(
        standing=Standing(state) if state in set(Standing) else None,
        what=Category(what) if what in set(Category) else None,
        cabinet_id=CabinetId(cabinet) if cabinet else None,
        page=max(1, int(page)) if page.isascii() and page.isdecimal() else 1,
    )


async def _cabinet(request: web.Request, member: StaffMember, *, refusal: Invalid | None = None) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.cabinet(tx, _cabinet_id(request))
        around = await _around(tx, request)
    problems = problems_in(refusal, "holder")
    return _render(
        "staff/paper_cabinet.html", request, member, refusal=refusal, cabinet=found, problems=problems, **around
    )


async def _item(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Refused | None = None,
    values: Mapping[str, str] | None = None,
) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.find(tx, _id(request))
        held = await reads.under_hold(tx, [found.id])
        around = await _around(tx, request)
    return _render(
        "staff/paper_item.html",
        request,
        member,
        refusal=refusal,
        paper=found,
        held=bool(held),
        filed="filed" in request.query,
        values=values or {},
        problems=problems_in(refusal, "witness") if isinstance(refusal, Invalid) else {},
        problem=sentence(refusal) if refusal and not isinstance(refusal, Invalid) else None,
        **around,
    )


async def _around(tx: Tx, request: web.Request) -> dict[str, Any]:
    """Cabinets, and who works here: what every page of paper names."""
    people = await staff.everybody(tx, request.app[RUNTIME].vault)
    cabinets = await reads.cabinets(tx)
    return {
        "cabinets": cabinets,
        "places": {each.id: each.name for each in cabinets},
        "people": [each for each in people if each.left_at is None],
        "names": {each.id: each.name for each in people},
    }


def _render(
    template: str, request: web.Request, member: StaffMember, *, refusal: Refused | None, **more: Any
) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    return render(
        template,
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        now=now,
        today=shop_date(now),
        states=STATES,
        reasons=list(Early),
        days=SHRED_WITHIN.days,
        **more,
    )


def _id(request: web.Request) -> PaperId:
    return PaperId(id_in(request, "paper_id", missing="There is no such paper in the register."))


def _cabinet_id(request: web.Request) -> CabinetId:
    return CabinetId(id_in(request, "cabinet_id", missing="There is no such cabinet."))
