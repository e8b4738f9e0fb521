"""Audits: what is planned and when it is due, what was held, what was found and how that is put right (C8)."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from kalecart.audits import reads
from kalecart.audits.change_plan import Asked, LastPlan, change_plan, plan_audit
from kalecart.audits.finding import Severity
from kalecart.audits.follow_up import FindingMovedOn, FourEyes, close, mend, send_back
from kalecart.audits.hold import Found, add_finding, hold_audit
from kalecart.audits.plan import CLAUSES
from kalecart.clock import shop_date
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import StaffId
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of, made_by
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import date_of, id_in, id_of
from web.problems import status_of

AUDITS: Final = "/staff/audits"
NOTHING: Final = UUID(int=0)
HELD_SHOWN: Final = 20


async def audits_page(request: web.Request) -> web.Response:
    return await _page(request, await member_with(request, "audits:hold"))


async def planned(request: web.Request) -> web.Response:
    """A new plan, or another form of one that is there."""
    member, form, runtime = await member_with(request, "audits:plan"), await form_of(request), request.app[RUNTIME]
    changed, months = form.get("changed", ""), form.get("months", "").strip()
    asked = Asked(
        title=form.get("title", ""),
        clauses=re.findall(r"\w+", form.get("clauses", "").upper()),
        months=int(months) if re.fullmatch(r"\d{1,3}", months) else None,
        auditor_id=StaffId(id_of(form["auditor_id"]) or NOTHING) if form.get("auditor_id") else None,
        going_on=form.get("going_on") != "no",
    )
    verbs: dict[str, Any] = {"by": member, "db": runtime.db, "clock": runtime.clock}
    try:
        if changed:
            await change_plan(id_of(changed) or NOTHING, asked, **verbs)
        else:
            await plan_audit(asked, made=made_by(request, form, whose=member.id), **verbs)
    except (Invalid, LastPlan) as refusal:
        return await _page(request, member, refusal=refusal, typed={"plan": form})
    raise web.HTTPSeeOther(AUDITS)


async def held(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "audits:hold"), await form_of(request), request.app[RUNTIME]
    plan_id, day = id_of(form.get("plan_id", "")) or NOTHING, date_of(form.get("held_on", ""))
    try:
        result, made = form.get("result", ""), made_by(request, form, whose=member.id)
        await hold_audit(plan_id, day, result, by=member, made=made, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await _page(request, member, refusal=refusal, typed={"held": form})
    raise web.HTTPSeeOther(AUDITS)


async def found(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "audits:hold"), await form_of(request), request.app[RUNTIME]
    typed = Found(
        clause=form.get("clause", ""),
        severity=form.get("severity", ""),
        words=form.get("words", ""),
        follow_up_by=date_of(form.get("follow_up_by", "")),
        id=made_by(request, form, whose=member.id),
    )
    audit_id = id_of(form.get("audit_id", "")) or NOTHING
    try:
        await add_finding(audit_id, typed, by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await _page(request, member, refusal=refusal, typed={"found": form})
    raise web.HTTPSeeOther(AUDITS)


async def followed_up(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "audits:hold"), await form_of(request), request.app[RUNTIME]
    finding_id = id_in(request, "finding_id", missing="There is no such finding.")
    verbs: dict[str, Any] = {"by": member, "db": runtime.db, "clock": runtime.clock}
    acts = {
        "mending": lambda: mend(finding_id, form.get("how", ""), **verbs),
        "closing": lambda: close(finding_id, **verbs),
        "return": lambda: send_back(finding_id, **verbs),
    }
    if request.match_info["act"] not in acts:
        raise NotFound("Check the address.")
    try:
        await acts[request.match_info["act"]]()
    except (Invalid, FindingMovedOn, FourEyes) as refusal:
        return await _page(request, member, refusal=refusal, elsewhere=True)
    raise web.HTTPSeeOther(AUDITS)


async def _page(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Refused | None = None,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    elsewhere: bool = False,
) -> web.Response:
    """`typed` is the form that was refused; `elsewhere` means that what is wrong has no field of its own."""
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    values: dict[str, Mapping[str, str]] = {"held": {"held_on": shop_date(now).isoformat()}, "found": {}, "plan": {}}
    async with runtime.db.snapshot() as tx:
        facts: dict[str, Any] = {
            "plans": await reads.plans(tx),
            "held": await reads.held(tx, most=HELD_SHOWN),
            "findings": await reads.findings(tx, closed=False),
            "closed": await reads.findings(tx, closed=True, most=HELD_SHOWN),
        }
        people = await staff.everybody(tx, runtime.vault)
    problems = problems_in(refusal, "")
    return render(
        "staff/audits.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        **facts,
        names={each.id: each.name for each in people},
        here=[each for each in people if each.left_at is None],
        clauses=CLAUSES,
        severities=list(Severity),
        now=now,
        values=values | dict(typed or {}),
        problems={"": " ".join(problems.values())} if elsewhere else problems,
    )
