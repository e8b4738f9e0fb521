"""The queue for staff: topics with their depth, lists of tasks, one task, and what can be done about them."""

import asyncio
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from kalecart.errors import NotFound, Refused
from kalecart.ids import TaskId
from kalecart.jobs import JOBS
from kalecart.staff.member import StaffMember
from kalecart.tending import reads
from kalecart.tending.act import AT_ONCE_MAX, Act, act_on_all, act_on_task
from kalecart.tending.pause import pause_topic, resume_topic
from kalecart.tending.remedies import remedy_of
from kalecart.tending.task_filter import Lane, TaskFilter
from web.console.queue_words import ACTS, LANES, LINES, lasting, topic_words
from web.console.session import staff_member
from web.keys import EDGE, QUEUE, RUNTIME
from web.pages.forms import form_of, query_text, sentence
from web.pages.frame import partial
from web.pages.rendering import render
from web.parse import id_in, id_of
from web.problems import status_of
from web.queue_watch import look
from web.refusals import Busy

PAGE: Final = 50
STREAM_S_MAX: Final = 600.0
HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
WORDS: Final[dict[str, Any]] = {
    "lanes": LANES,
    "acts": ACTS,
    "topic_words": topic_words,
    "lasting": lasting,
    "at_once_max": AT_ONCE_MAX,
}


async def queue_page(request: web.Request) -> web.Response:
    """Topics; only what changes where htmx asks."""
    member = await _reader(request)
    seen = await look(request.app[RUNTIME].db, request.app[RUNTIME].clock)
    return _render(request, "staff/queue_live.html" if partial(request) else "staff/queue.html", member, seen=seen)


async def queue_stream(request: web.Request) -> web.StreamResponse:
    """An event whenever the queue changed. The page closes it while nobody looks at it."""
    member, watch = await _reader(request), request.app[QUEUE]
    if watch.full(member.id):
        raise Busy("Load the page again now and then.", retry_after_s=5)
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    changes = watch.changes(member.id)
    try:
        with request.app[EDGE].streaming():
            async with asyncio.timeout(STREAM_S_MAX), aclosing(changes):
                async for changed in changes:
                    await response.write(b"event: queue\ndata: {}\n\n" if changed else b": still here\n\n")
    except (TimeoutError, ConnectionResetError):
        pass  # long enough, or the page was closed
    return response


async def topic_paused(request: web.Request) -> web.Response:
    member, runtime = await _actor(request), request.app[RUNTIME]
    await pause_topic(request.match_info["topic"], by=member, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/queue")


async def topic_resumed(request: web.Request) -> web.Response:
    member, runtime = await _actor(request), request.app[RUNTIME]
    await resume_topic(request.match_info["topic"], by=member, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/staff/queue")


async def tasks_page(request: web.Request) -> web.Response:
    member, runtime = await _reader(request), request.app[RUNTIME]
    typed = {name: query_text(request, name, most=80) for name in ("state", "topic", "q", "before")}
    wanted, now = _filter(typed), runtime.clock.now()
    async with runtime.db.snapshot() as tx:
        found = await reads.tasks_page(tx, wanted, limit=PAGE + 1, before=_task_id(typed["before"]), now=now)
        counts = {act: await reads.count_to_act_on(tx, wanted, never_of=act.never_of, now=now) for act in Act}
    older = {**typed, "before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return _render(
        request,
        "staff/tasks_live.html" if partial(request) else "staff/tasks.html",
        member,
        tasks=found[:PAGE],
        typed=typed,
        topics=sorted(JOBS),
        counts=counts,
        said=_said(request),
        here=request.rel_url.path_qs,
        same=_same(typed),
        older=urlencode({name: value for name, value in older.items() if value}) if older else None,
    )


async def task_page(request: web.Request) -> web.Response:
    return await _task_page(request, await _reader(request))


async def task_acted(request: web.Request) -> web.Response:
    """Retry or discard one task, and show what it is now; a refusal is shown on its page."""
    member, runtime = await _actor(request), request.app[RUNTIME]
    try:
        await act_on_task(
            _act(request),
            _known_id(request),
            by=member,
            db=runtime.db,
            clock=runtime.clock,
            dispatcher=runtime.dispatcher,
        )
    except NotFound:
        raise
    except Refused as refusal:
        return await _task_page(request, member, refusal=refusal)
    raise web.HTTPSeeOther(f"/staff/queue/tasks/{_known_id(request)}")


async def all_asked(request: web.Request) -> web.Response:
    """How many match, before anything is done with them."""
    member, runtime, act = await _actor(request), request.app[RUNTIME], _act(request)
    typed = {name: query_text(request, name, most=80) for name in ("state", "topic", "q")}
    async with runtime.db.snapshot() as tx:
        wanted, now = _filter(typed), runtime.clock.now()
        count = await reads.count_to_act_on(tx, wanted, never_of=act.never_of, now=now)
    return _render(request, "staff/tasks_all.html", member, act=act, typed=typed, count=count, same=_same(typed))


async def all_acted(request: web.Request) -> web.Response:
    member, form, runtime = await _actor(request), await form_of(request), request.app[RUNTIME]
    typed = {name: form.get(name, "")[:80] for name in ("state", "topic", "q")}
    told = form.get("told", "")
    count = await act_on_all(
        _act(request),
        _filter(typed),
        told=int(told) if told.isdecimal() and len(told) <= len(str(AT_ONCE_MAX)) else 0,
        by=member,
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    said = urlencode({name: value for name, value in typed.items() if value} | {_act(request).value: count})
    raise web.HTTPSeeOther(f"/staff/queue/tasks?{said}")


async def _task_page(request: web.Request, member: StaffMember, *, refusal: Refused | None = None) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        whole = await reads.whole_task(tx, _known_id(request), now=runtime.clock.now())
    if whole is None:
        raise NotFound("There is no such task.")
    template = "staff/task_live.html" if partial(request) else "staff/task.html"
    problem = sentence(refusal) if refusal else None
    return _render(
        request,
        template,
        member,
        status=_status(refusal),
        whole=whole,
        remedy_of=remedy_of,
        lines=LINES,
        problem=problem,
    )


def _status(refusal: Refused | None) -> int:
    return status_of(type(refusal)) if refusal else 200


async def _reader(request: web.Request) -> StaffMember:
    member = await staff_member(request)
    member.require("queue:read")
    return member


async def _actor(request: web.Request) -> StaffMember:
    member = await staff_member(request)
    member.require("queue:act")
    return member


def _render(
    request: web.Request, template: str, member: StaffMember, *, status: int = 200, **more: Any
) -> web.Response:
    runtime = request.app[RUNTIME]
    return render(
        template,
        status=status,
        demo=runtime.settings.demo,
        member=member,
        may_act=member.may("queue:act"),
        now=runtime.clock.now(),
        **WORDS,
        **more,
    )


def _filter(typed: dict[str, str]) -> TaskFilter:
    """A filter that cannot be read does not filter: the form beside the list shows which are on."""
    lane = Lane(typed["state"]) if typed["state"] in set(Lane) else None
    return TaskFilter(lane=lane, topic=typed["topic"] if typed["topic"] in JOBS else None, q=typed["q"] or None)


def _same(typed: dict[str, str]) -> str:
    """The filter as it is understood, for the next address."""
    return urlencode({name: typed[name] for name in ("state", "topic", "q") if typed[name]})


def _said(request: web.Request) -> str | None:
    """What an act on all that match came to."""
    for act, (_, done) in ACTS.items():
        count = query_text(request, act.value, most=6)
        if count.isdecimal():
            return f"{int(count):,} {'task was' if int(count) == 1 else 'tasks were'} {done}."
    return None


def _act(request: web.Request) -> Act:
    try:
        return Act(request.match_info["act"])
    except ValueError:
        raise NotFound("There is no such act.") from None


def _task_id(text: str) -> TaskId | None:
    found = id_of(text)
    return TaskId(found) if found else None


def _known_id(request: web.Request) -> TaskId:
    return TaskId(id_in(request, "task_id", missing="There is no such task."))
