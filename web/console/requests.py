"""Requests about people's data: the board with its deadlines, one request, what staff decide (C10, C11)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from kalecart import audit
from kalecart.clock import known_on, shop_date
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import RequestId
from kalecart.money import cents_in
from kalecart.privacy import reads
from kalecart.privacy.proofs import Proofs
from kalecart.privacy.receive import Received, enter
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Channel, Kind
from kalecart.privacy.restriction import SEARCHES, StillUndecided, restrictable
from kalecart.privacy.review import refuse, release, tell_cost
from kalecart.privacy.verify import verify
from kalecart.staff.member import StaffMember
from web.console.request_words import CHANNELS, GROUNDS, KINDS, LINES, REASONS, STATES, STEPS
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text, sentence
from web.pages.frame import partial
from web.pages.people import problems_in
from web.pages.rendering import render
from web.problems import status_of

LINES_MAX: Final = 100


async def board_page(request: web.Request) -> web.Response:
    return await _board(request, await member_with(request, "requests:read"))


async def entered(request: web.Request) -> web.Response:
    """Write down what came by mail, by post or from an agent."""
    member, form, runtime = await member_with(request, "requests:act"), await form_of(request), request.app[RUNTIME]
    try:
        made = await enter(
            _received(form, runtime.clock.now()), by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock
        )
    except Invalid as refusal:
        return await _board(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/requests/{made.id}")


async def request_page(request: web.Request) -> web.Response:
    return await shown_page(request, await member_with(request, "requests:read"))


async def proofs_checked(request: web.Request) -> web.Response:
    """What somebody wrote to show who they are is compared here, so that staff need not see what is right."""
    member, form, runtime = await member_with(request, "requests:act"), await form_of(request), request.app[RUNTIME]
    try:
        await verify(
            request_id_in(request),
            proofs_in(form),
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            by=audit.by_staff(member.id),
        )
    except NotFound:
        raise
    except Refused as refusal:
        return await shown_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/requests/{request_id_in(request)}")


async def released(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "requests:release"), request.app[RUNTIME]
    try:
        await release(request_id_in(request), by=member, db=runtime.db, clock=runtime.clock)
    except StillUndecided as refusal:
        return await shown_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/requests/{request_id_in(request)}")


async def refused(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "requests:act"), await form_of(request), request.app[RUNTIME]
    try:
        await refuse(request_id_in(request), reason=_reason(form), by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await shown_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/requests/{request_id_in(request)}")


async def cost_told(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "requests:act"), await form_of(request), request.app[RUNTIME]
    cents = cents_in(form.get("cost", "")) or 0
    try:
        await tell_cost(request_id_in(request), cents=cents, by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await shown_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/requests/{request_id_in(request)}")


def proofs_in(form: dict[str, str]) -> Proofs:
    texts = {name: form.get(name, "")[:60] for name in ("code", "order_number", "order_total", "postal_code", "phone")}
    return Proofs(**texts, declared="declared" in form)


def _reason(form: dict[str, str]) -> Reason:
    if form.get("reason") not in set(Reason):
        raise Invalid({"/reason": "Choose one of the five reasons."})
    return Reason(form["reason"])


def _received(form: dict[str, str], now: datetime) -> Received:
    """A day as staff know it: received when it reached the shop, not when it was typed in (E82)."""
    try:
        day = date.fromisoformat(form.get("received_on", ""))
        kind, channel = Kind(form.get("kind", "")), Channel(form.get("channel", ""))
    except ValueError:
        raise Invalid({"/received_on": "Choose what is asked, how it came, and the day it reached us."}) from None
    return Received(
        kind=kind,
        email=form.get("email", ""),
        number=form.get("number", ""),
        channel=channel,
        received_at=known_on(day, now),
        permission_seen="permission_seen" in form,
    )


async def _board(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Invalid | None = None,
    values: dict[str, str] | None = None,
) -> web.Response:
    runtime = request.app[RUNTIME]
    everything = query_text(request, "all", most=1) == "1"
    async with runtime.db.snapshot() as tx:
        found = await reads.board(tx, open_only=not everything)
    return _render(
        request,
        "staff/requests.html",
        member,
        refusal=refusal,
        requests=found,
        everything=everything,
        channels=[channel for channel in Channel if channel not in (Channel.ACCOUNT, Channel.WEB)],
        values=values or {"received_on": shop_date(runtime.clock.now()).isoformat()},
        problems=problems_in(refusal, "email"),
    )


async def shown_page(request: web.Request, member: StaffMember, *, refusal: Refused | None = None) -> web.Response:
    """The request as it is now, with what was refused."""
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        shown = await reads.shown(tx, request_id_in(request))
        lines = await audit.lines_about(tx, ("privacy_request", shown.request.id), limit=LINES_MAX)
    template = "staff/request_live.html" if partial(request) else "staff/request.html"
    words = " ".join(refusal.problems.values()) if isinstance(refusal, Invalid) else None
    problem = words or (sentence(refusal) if refusal else None)
    return _render(
        request,
        template,
        member,
        refusal=refusal,
        shown=shown,
        log=lines,
        problem=problem,
        tables=restrictable(),
        searches=SEARCHES,
        grounds=GROUNDS,
        steps=STEPS,
    )


def _render(
    request: web.Request, template: str, member: StaffMember, *, refusal: Refused | None, **more: Any
) -> web.Response:
    runtime = request.app[RUNTIME]
    return render(
        template,
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        now=runtime.clock.now(),
        kinds=KINDS,
        states=STATES,
        channel_words=CHANNELS,
        reasons=REASONS,
        lines=LINES,
        **more,
    )


def request_id_in(request: web.Request) -> RequestId:
    try:
        return RequestId(UUID(request.match_info["request_id"]))
    except ValueError:
        raise NotFound("There is no such request.") from None
