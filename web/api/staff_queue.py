"""The queue for staff: look, pause, try again, discard."""

from typing import Annotated, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import NotFound
from kalecart.ids import TaskId
from kalecart.tending import reads
from kalecart.tending.act import AT_ONCE_MAX, Act, TaskEnded, TaskNeeded, TaskRunning, act_on_all, act_on_task
from kalecart.tending.pause import pause_topic, resume_topic
from kalecart.tending.resolve import resolve_alert
from kalecart.tending.task_filter import Lane, TaskFilter
from web.api import queue_views as views
from web.api.operation import UUID_PATTERN, Operation, PathPart, operation
from web.api.shapes import LINE_PATTERN, Body, Query, Whole, answer, nothing
from web.identity import require_staff
from web.keys import RUNTIME

ALERTS_MAX: Final = 200
TASK_ID: Final = PathPart(pattern=UUID_PATTERN, description="A task's id.", convert=UUID)
ALERT_ID: Final = PathPart(pattern=UUID_PATTERN, description="An alert's id.", convert=UUID)
TOPIC: Final = PathPart(pattern="^[a-z_]{1,60}$", description="A topic, as `GET /api/v1/staff/queue` lists them.")
ACT: Final = PathPart(pattern="^(retry|discard)$", description="What to do.", convert=Act)

Topic = Annotated[str | None, Field(pattern="^[a-z_]{1,60}$")]
Sought = Annotated[
    str | None,
    Field(min_length=1, max_length=80, pattern=LINE_PATTERN, description="A task's id, or any id among its arguments."),
]


class TasksQuery(Query):
    lane: Lane | None = None
    topic: Topic = None
    q: Sought = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[UUID | None, Field(description="`next_cursor` of the page before.")] = None


class AllBody(Body):
    """The filter of the list, and how many the caller was told would match: never more are touched."""

    lane: Annotated[Lane | None, Field(strict=False)] = None
    topic: Topic = None
    q: Sought = None
    told: Annotated[Whole, Field(ge=1, le=AT_ONCE_MAX)]


@operation(Operation(summary="Look at the queue", who="staff", right="queue:read", ok=(200, views.QueueView)))
async def get_queue(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    now = runtime.clock.now()
    async with runtime.db.direct() as pg:
        depths, workers = await reads.depths(pg, now=now), await reads.direct_workers(pg, now=now)
    return answer(views.queue_view(depths, workers))


@operation(
    Operation(summary="List tasks", who="staff", right="queue:read", query=TasksQuery, ok=(200, views.TasksView))
)
async def list_tasks(request: web.Request, *, query: TasksQuery) -> web.Response:
    runtime = request.app[RUNTIME]
    wanted = TaskFilter(lane=query.lane, topic=query.topic, q=query.q)
    before = TaskId(query.cursor) if query.cursor else None
    async with runtime.db.snapshot() as tx:
        found = await reads.tasks_page(tx, wanted, limit=query.limit + 1, before=before, now=runtime.clock.now())
    page = [views.TaskView.model_validate(task) for task in found[: query.limit]]
    return answer(views.TasksView(tasks=page, next_cursor=page[-1].id if len(found) > query.limit else None))


@operation(
    Operation(
        summary="Look at one task",
        who="staff",
        right="queue:read",
        path={"task_id": TASK_ID},
        ok=(200, views.WholeTaskView),
    )
)
async def get_task(request: web.Request, *, task_id: UUID) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        whole = await reads.whole_task(tx, TaskId(task_id), now=runtime.clock.now())
    if whole is None:
        raise NotFound("There is no such task.")
    return answer(views.whole_view(whole))


@operation(
    Operation(
        summary="Retry or discard a task; one without which money stays undone can only be retried",
        who="staff",
        right="queue:act",
        path={"task_id": TASK_ID, "act": ACT},
        ok=(204, None),
        errors=(TaskRunning, TaskEnded, TaskNeeded),
    )
)
async def post_task_act(request: web.Request, *, task_id: UUID, act: Act) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, "queue:act")
    await act_on_task(
        act, TaskId(task_id), by=member, db=runtime.db, clock=runtime.clock, dispatcher=runtime.dispatcher
    )
    return nothing()


@operation(
    Operation(
        summary="Retry or discard all tasks that match",
        who="staff",
        right="queue:act",
        path={"act": ACT},
        body=AllBody,
        ok=(200, views.ActedView),
    )
)
async def post_all_act(request: web.Request, *, act: Act, body: AllBody) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, "queue:act")
    count = await act_on_all(
        act,
        TaskFilter(lane=body.lane, topic=body.topic, q=body.q),
        told=body.told,
        by=member,
        db=runtime.db,
        clock=runtime.clock,
        dispatcher=runtime.dispatcher,
    )
    return answer(views.ActedView(count=count))


@operation(
    Operation(summary="Hold a topic back", who="staff", right="queue:act", path={"topic": TOPIC}, ok=(204, None))
)
async def put_pause(request: web.Request, *, topic: str) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, "queue:act")
    await pause_topic(topic, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(
    Operation(summary="Let a topic go on", who="staff", right="queue:act", path={"topic": TOPIC}, ok=(204, None))
)
async def delete_pause(request: web.Request, *, topic: str) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, "queue:act")
    await resume_topic(topic, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()


@operation(Operation(summary="List open alerts", who="staff", right="queue:read", ok=(200, views.AlertsView)))
async def list_alerts(request: web.Request) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.open_alerts(tx, limit=ALERTS_MAX)
    return answer(views.AlertsView(alerts=[views.alert_view(alert) for alert in found]))


@operation(
    Operation(
        summary="Resolve an alert", who="staff", right="alerts:resolve", path={"alert_id": ALERT_ID}, ok=(204, None)
    )
)
async def post_resolution(request: web.Request, *, alert_id: UUID) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, "alerts:resolve")
    await resolve_alert(alert_id, by=member, db=runtime.db, clock=runtime.clock)
    return nothing()
