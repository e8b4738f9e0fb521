"""The timetable for staff: what runs when, how late it was, what came of it, and which schedulers tick."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.clockwork import Standing, look
from web.console.queue_words import lasting, topic_words
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.rendering import render

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.STARTED: "Started",
    Standing.DUE: "Due now",
    Standing.LATE: "Late",
}
WORK: Final[Mapping[str | None, str]] = {
    None: "not known any more",
    "pending": "waits",
    "running": "running",
    "done": "done",
    "dead": "given up",
    "discarded": "discarded",
}


async def clock_page(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "queue:read"), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.direct() as pg:
        seen = await look(pg, now=now)
    return render(
        "staff/clock.html",
        demo=runtime.settings.demo,
        member=member,
        seen=seen,
        now=now,
        standings=STANDINGS,
        work_words=WORK,
        topic_words=topic_words,
        lasting=lasting,
    )
