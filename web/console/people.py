"""Who works here, for the manager: since when, in which role, who acts for him; the end of an employment (C3, C8)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.errors import Invalid, Refused
from kalecart.ids import StaffId
from kalecart.paper import reads as paper
from kalecart.staff import reads
from kalecart.staff.change_role import OwnRole, SameRole, change_role, role_of
from kalecart.staff.designate import Asked, designate, revoke
from kalecart.staff.designation import RESPONSIBLE, Scope
from kalecart.staff.leave import LastManager, leave
from kalecart.staff.reset_factors import ResetOwn, reset_factors
from kalecart.staff.rights import Role
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by, sentence
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import id_in, id_of
from web.problems import status_of

NOBODY: Final = UUID(int=0)


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


async def log_in_reset(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    staff_id = StaffId(id_in(request, "staff_id", missing="There is no such member of staff."))
    try:
        await reset_factors(staff_id, by=member, db=runtime.db, clock=runtime.clock)
    except ResetOwn as refusal:
        return await _page(request, refusal=refusal)
    raise web.HTTPSeeOther("/staff/people")


async def role_changed(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    staff_id = StaffId(id_in(request, "staff_id", missing="There is no such member of staff."))
    try:
        role = role_of(form.get("role", ""))
        await change_role(staff_id, role, by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, LastManager, OwnRole, SameRole) as refusal:
        return await _page(request, refusal=refusal)
    raise web.HTTPSeeOther("/staff/people")


async def designated(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    try:
        first, last = _day(form, "starts_at"), _day(form, "ends_at")
        asked = Asked(
            staff_id=StaffId(id_of(form.get("staff_id", "")) or NOBODY),
            scope=form.get("scope", ""),
            starts_at=_begins(first) if first and first != shop_date(runtime.clock.now()) else None,
            ends_at=_begins(last + timedelta(days=1)) if last else None,
            made=made_by(request, form, whose=member.id),
        )
        await designate(asked, by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await _page(request, refusal=refusal, values=form)
    raise web.HTTPSeeOther("/staff/people")


async def revoked(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    designation_id = id_in(request, "designation_id", missing="There is no such designation.")
    await revoke(designation_id, by=member, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/people")


def _day(form: Mapping[str, str], field: str) -> date | None:
    typed = form.get(field, "").strip()
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid({f"/{field}": "Enter a day."}) from None
    if day is not None and day.year == date.max.year:
        raise Invalid({f"/{field}": "Enter a day that is nearer."})
    return day


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), SHOP_ZONE).astimezone(UTC)


async def _page(
    request: web.Request, *, refusal: Refused | None = None, values: Mapping[str, str] | None = None
) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("staff:leave")
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        people = await reads.everybody(tx, runtime.vault)
        designations = await reads.designations(tx)
        cabinets = await paper.cabinets(tx)
    spoken = refusal if isinstance(refusal, Invalid) else None
    return render(
        "staff/people.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        people=people,
        names={each.id: each.name for each in people},
        keys={each.id: [key.name for key in cabinets if key.holder(now) == each.id] for each in people},
        gone={each.id for each in people if each.left_at},
        eligible=[each for each in people if each.left_at is None and each.role is not RESPONSIBLE],
        designations=designations,
        scopes=list(Scope),
        roles=list(Role),
        now=now,
        values=values or {},
        problems=problems_in(spoken, "staff_id"),
        problem=sentence(refusal) if refusal and not spoken else None,
    )
