"""Complaints: the board with its deadlines, one complaint, its answer, and the steps of escalation (C12, C13)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from kalecart import audit
from kalecart.clock import known_on, shop_date
from kalecart.complaints import reads, reads_post
from kalecart.complaints.change_ladder import change_ladder
from kalecart.complaints.complaint import PAPER_BYTES_MAX, TEXT_BYTES_MAX, Channel
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.explain import explain
from kalecart.complaints.hand_on import hand_on
from kalecart.complaints.ladder import BREACH, BREACH_DAY, Step, Told
from kalecart.complaints.open_scan import open_scan
from kalecart.complaints.print_explanation import PRINTED
from kalecart.complaints.reads import Event, Opened
from kalecart.complaints.view import view
from kalecart.complaints.watch import notice_complaints
from kalecart.errors import Invalid, Refused
from kalecart.ids import ComplaintId, StaffId
from kalecart.paper import reads as paper_register
from kalecart.policy import reads as policy
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember
from kalecart.typeset import boxes
from web.console.complaint_words import CHANNELS, STANDINGS, TOLD, event_words
from web.console.session import member_with
from web.download import file_response
from web.keys import RUNTIME
from web.pages.complaints import written_in
from web.pages.forms import form_of, made_by, query_text, sentence
from web.pages.people import problems_in
from web.pages.rendering import render
from web.parse import date_of, id_in, id_of
from web.problems import status_of
from web.uploads import upload_of

NOBODY: Final = UUID(int=0)
RUNGS: Final = 8
# Whoever is told within this is told on time.
NOTICED_WITHIN: Final = timedelta(minutes=10)
# More than any part of a letter may have, so that what is too long is refused beside its field.
FIELD_BYTES_MAX: Final = 2 * TEXT_BYTES_MAX
FIELDS: Final = {"/received_at": "received_on", "/on_paper": "way"}


async def board_page(request: web.Request) -> web.Response:
    return await _board(request, await member_with(request, "complaints:read"))


async def entered(request: web.Request) -> web.Response:
    """Write down what came by e-mail or by post, with a scan of it."""
    member, runtime = await member_with(request, "complaints:act"), request.app[RUNTIME]
    sent = await upload_of(request, file="scan", most=PAPER_BYTES_MAX, field_most=FIELD_BYTES_MAX)
    form = sent.fields
    try:
        paper = Paper(
            channel=form.get("channel", ""),
            received_at=day_typed(form.get("received_on", ""), runtime.clock.now()),
            written=written_in(form),
            number=form.get("number", ""),
            name=form.get("name", ""),
            email=form.get("email", ""),
            postal=form.get("postal", ""),
            scan=sent.content,
            about_manager="about_manager" in form,
            cabinet_id=id_of(form.get("cabinet_id", "")),
            made=made_by(request, form, whose=member.id, content=sent.content),
        )
        async with runtime.db.snapshot() as tx:
            opened_at = await policy.first_published_at(tx) or runtime.clock.now()
        made = await enter(
            paper, by=member, opened_at=opened_at, db=runtime.db, vault=runtime.vault, clock=runtime.clock
        )
    except Invalid as refusal:
        return await _board(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/complaints/{made.complaint.id}")


async def complaint_page(request: web.Request) -> web.Response:
    return await shown(request, await member_with(request, "complaints:read"))


async def scan_file(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:read"), request.app[RUNTIME]
    scan_id = id_in(request, "scan_id", missing="There is no such scan.")
    found = await open_scan(
        id_asked(request), scan_id, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock
    )
    return file_response(found.name, "application/octet-stream", found.content)


async def handed_on(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    try:
        to = StaffId(id_of(form.get("to", "")) or NOBODY)
        await hand_on(id_asked(request), to, by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await shown(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")


async def explained(request: web.Request) -> web.Response:
    member, form, runtime = await member_with(request, "complaints:act"), await form_of(request), request.app[RUNTIME]
    words = form.get("explanation", "")
    try:
        await explain(id_asked(request), words, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    except Refused as refusal:
        return await shown(request, member, refusal=refusal, values=form)
    raise web.HTTPSeeOther(f"/staff/complaints/{id_asked(request)}")


async def ladder_changed(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "complaints:ladder"), request.app[RUNTIME]
    form = await form_of(request)
    try:
        await change_ladder(_steps(form), by=member, db=runtime.db, clock=runtime.clock)
    except Invalid as refusal:
        return await _board(request, member, refusal=refusal, rungs=_rungs_typed(form))
    raise web.HTTPSeeOther("/staff/complaints")


@dataclass(frozen=True)
class Rung:
    """A row of the form: a step, or what was typed there."""

    day: str = ""
    tells: Collection[Told] = ()
    unassigned: bool = False


def _rungs(steps: Sequence[Step]) -> list[Rung]:
    """The steps before the last, with room for further ones."""
    filled = [Rung(str(step.day), step.tells, step.unassigned) for step in steps[:-1]]
    return filled + [Rung()] * (RUNGS - len(filled))


def _rungs_typed(form: Mapping[str, str]) -> list[Rung]:
    return [
        Rung(form.get(f"day-{n}", ""), [w for w in Told if f"{w}-{n}" in form], f"unassigned-{n}" in form)
        for n in range(RUNGS)
    ]


def _steps(form: Mapping[str, str]) -> list[Step]:
    """Rows without a day are left out; the last row is the end of the thirty days, whatever it says."""
    steps = []
    for rung in _rungs_typed(form):
        day = rung.day.strip()
        if not day:
            continue
        if not day.isdecimal() or not 1 <= int(day) < BREACH_DAY:
            raise Invalid({"/steps": f"Days are whole numbers from 1 to {BREACH_DAY - 1}."})
        steps.append(Step(day=int(day), tells=tuple(rung.tells), unassigned=rung.unassigned))
    return [*steps, Step(day=BREACH_DAY, tells=(Told.MANAGER,))]


def day_typed(typed: str, now: datetime) -> datetime | None:
    day = date_of(typed)
    return None if day is None else known_on(day, now)


def _boxes(opened: Opened) -> str:
    """Characters of its letters that cannot be printed."""
    answers = [part for answer in opened.answers[-1:] for part in (answer.findings, answer.steps)]
    return boxes("".join((opened.name, opened.postal, opened.explanation, *opened.concerns, *answers)))


def _told_once(timeline: Sequence[Event]) -> Sequence[Event]:
    """Of what is told the same people again every day only the last."""
    again = [event for event in timeline if event.what.startswith(f"{BREACH}_")]
    last = list({tuple(event.told): event for event in again if event.told}.values()) or again[-1:]
    return [event for event in timeline if event not in again or event in last]


async def _board(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Invalid | None = None,
    values: dict[str, str] | None = None,
    rungs: Sequence[Rung] | None = None,
) -> web.Response:
    runtime = request.app[RUNTIME]
    mine, to_post = (query_text(request, which, most=1) == "1" for which in ("mine", "post"))
    after = id_of(query_text(request, "after", most=36))
    await notice_complaints(db=runtime.db, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        found = await reads.board(
            tx, after=ComplaintId(after) if after else None, handler_id=member.id if mine else None, to_post=to_post
        )
        unposted = await reads_post.to_post(tx)
        late = await reads.late(tx, runtime.clock.now())
        steps = await reads.ladder(tx)
        cabinets = await paper_register.cabinets(tx) if member.may("paper:keep") else ()
    return _render(
        "staff/complaints.html",
        request,
        member,
        refusal=refusal,
        cases=found,
        more=found[-1].id if len(found) == reads.BOARD_ROWS else None,
        late=late,
        mine=mine,
        to_post=to_post,
        unposted=unposted,
        ladder=steps,
        rungs=rungs or _rungs(steps),
        channels=[Channel.POST, Channel.MAIL],
        cabinets=cabinets,
        values=values or {"received_on": shop_date(runtime.clock.now()).isoformat()},
        problems=problems_in(refusal, "text", FIELDS),
    )


async def shown(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Refused | None = None,
    values: dict[str, str] | None = None,
    fields: Mapping[str, str] = FIELDS,
) -> web.Response:
    """The page of one complaint; `fields` name the field of the form that each part of a refusal is about."""
    runtime = request.app[RUNTIME]
    case, opened = await view(id_asked(request), by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    async with runtime.db.snapshot() as tx:
        acting = await staff.who_may(tx, "complaints:act", runtime.clock.now())
        told = {who for event in (opened.timeline if opened else ()) for who in event.told}
        names = await staff.names_of(tx, {*acting, *told}, runtime.vault)
        printed_at = await audit.last_done(tx, PRINTED, ("complaint", case.id))
    return _render(
        "staff/complaint.html",
        request,
        member,
        refusal=refusal,
        case=case,
        opened=opened,
        handlers=[(each, names[each]) for each in acting if each != case.against],
        names=names,
        printed_at=printed_at,
        events=_told_once(opened.timeline if opened else ()),
        boxes=_boxes(opened) if opened else "",
        soon=NOTICED_WITHIN,
        today=shop_date(runtime.clock.now()).isoformat(),
        values=values or {},
        problems=problems_in(refusal, "findings", fields) if isinstance(refusal, Invalid) else {},
        problem=sentence(refusal) if refusal and not isinstance(refusal, Invalid) else None,
    )


def _render(
    template: str, request: web.Request, member: StaffMember, *, refusal: Refused | None, **more: Any
) -> web.Response:
    runtime = request.app[RUNTIME]
    return render(
        template,
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        now=runtime.clock.now(),
        standings=STANDINGS,
        channel_words=CHANNELS,
        told=TOLD,
        event_words=event_words,
        **more,
    )


def id_asked(request: web.Request) -> ComplaintId:
    return ComplaintId(id_in(request, "complaint_id", missing="There is no such complaint."))
