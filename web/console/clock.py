"""The timetable for staff: what runs when, how late it was, what came of it, and which schedulers tick."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from kalecart.clockwork import Standing, look
from kalecart.policy import reads as policy
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

STOOD_IN: Final[Mapping[str | None, str]] = {
    None: "",
    "worker": "a worker",
    "web": "the web",
}


async def clock_page(request: web.Request) -> web.Response:
    member, runtime = await member_with(request, "queue:read"), request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        since = await policy.first_published_at(tx)
    async with runtime.db.direct() as pg:
        seen = await look(pg, since=since, now=now)
    return render(
        "staff/clock.html",
        demo=runtime.settings.demo,
        member=member,
        seen=seen,
        now=now,
        standings=STANDINGS,
        work_words=WORK,
        stood_in=STOOD_IN,
        topic_words=topic_words,
        lasting=lasting,
    )
