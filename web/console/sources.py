"""What reached us without consent: hand it in to be sealed and destroyed, and see that it was (C4)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.errors import Invalid
from kalecart.ids import new_id
from kalecart.sources.destroy import ask_destroy
from kalecart.sources.reads import quarantined
from kalecart.sources.record import Received, record_source
from kalecart.sources.source import CONTENT_BYTES_MAX, HELD, Channel, SourceId
from web.console.session import staff_member
from web.keys import RUNTIME
from web.pages.forms import made_by, problems_of
from web.pages.rendering import render
from web.parse import id_in
from web.uploads import upload_of

SHOWN_MAX: Final = 200
CHANNELS: Final = (Channel.MAIL, Channel.LETTER, Channel.FILE)


async def sources_page(request: web.Request) -> web.Response:
    return await _page(request, {})


async def recorded(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("sources:record")
    sent = await upload_of(request, file="content", most=CONTENT_BYTES_MAX)
    fields = sent.fields
    asked = Received(
        id=SourceId(made_by(request, fields, whose=member.id, content=sent.content) or new_id()),
        channel=fields.get("channel", ""),
        sender=fields.get("sender", ""),
        received_at=_noon(fields.get("received", ""), runtime.clock.now()),
        content=sent.content,
    )
    try:
        await record_source(asked, by=member, db=runtime.db, vault=runtime.vault, clock=runtime.clock)
    except Invalid as refusal:
        return await _page(request, fields, problems=problems_of(refusal))
    raise web.HTTPSeeOther("/staff/sources?recorded")


async def destroy_asked(request: web.Request) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    source_id = SourceId(id_in(request, "source_id", missing="There is nothing to destroy."))
    await ask_destroy(source_id, by=member, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/sources")


async def _page(
    request: web.Request, values: Mapping[str, str], problems: Mapping[str, str] | None = None
) -> web.Response:
    member, runtime = await staff_member(request), request.app[RUNTIME]
    member.require("sources:record")
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        found = await quarantined(tx, most=SHOWN_MAX)
    return render(
        "staff/sources.html",
        status=422 if problems else 200,
        demo=runtime.settings.demo,
        member=member,
        lines=found,
        channels=CHANNELS,
        values={"received": shop_date(now).isoformat()} | dict(values),
        problems=problems or {},
        done="recorded" in request.query,
        days=HELD.days,
        now=now,
    )


def _noon(day: str, now: datetime) -> datetime | None:
    """A day as an instant of it that is past: noon in the shop, or now."""
    try:
        noon = datetime.fromisoformat(day).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=SHOP_ZONE)
    except ValueError:
        return None
    if noon.date() == shop_date(now):
        return min(noon.astimezone(UTC), now)
    return noon.astimezone(UTC) if now - noon < timedelta(days=3650) else None
