"""Figures about many customers: what was released, what is left of the budget, one question, files for others (C6)."""

from typing import Any, Final

from aiohttp import web

from kalecart.analytics import reads as releases
from kalecart.analytics.ask_share import ask_share
from kalecart.analytics.budget import QUESTIONS_A_YEAR, Purse, id_of
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind
from kalecart.analytics.rules import PEOPLE_MANY, PEOPLE_SOME
from kalecart.clock import Clock, shop_date
from kalecart.database import Tx
from kalecart.errors import Invalid, NotYet, Refused
from kalecart.figures import store
from kalecart.figures.ask_export import OnlyReleases, ask_export
from kalecart.figures.export import Format
from kalecart.figures.hand_over import hand_over_export
from kalecart.figures.note import NOTE
from kalecart.figures.reads import quarters as published_quarters
from kalecart.staff.member import StaffMember
from web.console.figure_words import KINDS, PROGRESS, PURSES, REFUSALS
from web.console.session import member_with, staff_member
from web.download import file_response
from web.keys import RUNTIME
from web.pages.figures import LINES_MAX, Shelf, shelf_of
from web.pages.forms import form_of, query_text, sentence
from web.pages.rendering import render
from web.parse import id_in
from web.problems import status_of

LEDGER_MAX: Final = 60
EXPORTS_MAX: Final = 30
# How a form names a release that is to be in a file.
CHOSEN: Final = "release:"


async def figures_page(request: web.Request) -> web.Response:
    return await _page(request, await member_with(request, "figures:read"))


async def asked(request: web.Request) -> web.Response:
    """One product's share in one quarter; asked again it is the same figure and costs nothing (E75)."""
    member, form, runtime = await member_with(request, "figures:ask"), await form_of(request), request.app[RUNTIME]
    try:
        quarter = _quarter(form.get("quarter", ""))
        done = await ask_share(quarter, form.get("sku", "")[:64], by=member, db=runtime.db, clock=runtime.clock)
    except (Refused, NotYet) as refusal:
        return await _page(request, member, refusal=refusal, at="ask", quarter=form.get("quarter", ""))
    if done.hint is not None:
        runtime.dispatcher.hint(done.hint.id, done.hint.job.topic)
    raise web.HTTPSeeOther(f"/staff/figures?quarter={quarter}&{'asked' if done.anew else 'known'}#ask")


async def export_asked(request: web.Request) -> web.Response:
    member, form, runtime = await staff_member(request), await form_of(request), request.app[RUNTIME]
    chosen = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    shown = form.get("quarter", "")
    try:
        back = f"quarter={_quarter(shown)}&" if shown else ""
        await ask_export(
            chosen,
            form.get("format", ""),
            by=member,
            db=runtime.db,
            clock=runtime.clock,
            dispatcher=runtime.dispatcher,
        )
    except (Invalid, OnlyReleases) as refusal:
        return await _page(request, member, refusal=refusal, at="files", quarter=shown)
    raise web.HTTPSeeOther(f"/staff/figures?{back}written#files")


async def export_fetched(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    export_id = id_in(request, "export_id", missing="There is no such file.")
    file = await hand_over_export(export_id, by=member, db=runtime.db, clock=runtime.clock)
    return file_response(file.name, file.media, file.content)


async def _page(
    request: web.Request,
    member: StaffMember,
    *,
    refusal: Refused | NotYet | None = None,
    at: str = "",
    quarter: str = "",
) -> web.Response:
    """The quarter that is asked for; after a refusal the `quarter` whose form was sent, or the latest."""
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        known = {str(each) for each in await published_quarters(tx)} if refusal else set()
        wanted = quarter if quarter in known else "" if refusal else query_text(request, "quarter", most=10)
        shelf = await shelf_of(tx, wanted)
        facts = await _facts(tx, shelf, member, runtime.clock)
    words = " ".join(refusal.problems.values()) if isinstance(refusal, Invalid) else None
    return render(
        "staff/figures.html",
        status=status_of(type(refusal)) if refusal else 200,
        demo=runtime.settings.demo,
        member=member,
        shelf=shelf,
        problem=words or (sentence(refusal) if refusal else None),
        at=at,
        said=next((each for each in ("asked", "known", "written") if each in request.query), ""),
        note=NOTE,
        lines_max=LINES_MAX,
        questions_a_year=QUESTIONS_A_YEAR,
        people_some=PEOPLE_SOME,
        people_many=PEOPLE_MANY,
        kinds=KINDS,
        purses=PURSES,
        progress_words=PROGRESS,
        refusal_words=REFUSALS,
        formats=tuple(Format),
        now=runtime.clock.now(),
        **facts,
    )


async def _facts(tx: Tx, shelf: Shelf, member: StaffMember, clock: Clock) -> dict[str, Any]:
    today = shop_date(clock.now())
    budget = await releases.budget(tx, today.year)
    ledger = await releases.ledger(tx, limit=LEDGER_MAX)
    names = await releases.product_names(tx, shelf.quarter) if shelf.quarter else {}
    return {
        "coming": Quarter.of(today),
        "budget": budget,
        "questions": next((each for each in budget if each.id == id_of(Purse.QUESTION, str(today.year))), None),
        "ledger": ledger,
        "answered": [each for each in ledger if each.answered_at],
        "awaited": [each for each in ledger if each.kind is Kind.SHARE and not each.answered_at],
        "names": sorted(names.items(), key=lambda each: each[1]),
        "exports": await store.latest(tx, most=EXPORTS_MAX) if member.may("figures:export") else (),
    }


def _quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError:
        raise Invalid({"/quarter": "Choose one of the quarters that are counted."}) from None
