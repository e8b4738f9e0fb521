"""The queue and its alerts as programs read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kalecart.tending.reads import AlertView as Alert
from kalecart.tending.reads import Depth
from kalecart.tending.reads import WholeTask as Whole
from kalecart.tending.remedies import remedy_of
from kalecart.tending.task_filter import Lane
from web.api.shapes import View


class TopicView(View):
    topic: str
    due: Annotated[int, Field(description="Due, and not tried yet.")]
    later: Annotated[int, Field(description="Promised for later.")]
    retrying: Annotated[int, Field(description="Tried, and tried again when its backoff is over.")]
    running: int
    dead: Annotated[int, Field(description="Given up; an alert tells of each.")]
    done_lately: Annotated[int, Field(description="Done in the last five minutes.")]
    oldest_at: Annotated[datetime | None, Field(description="Since when the oldest due task has been due.")]
    paused_at: Annotated[datetime | None, Field(description="Since when staff hold the topic back.")]


class QueueView(View):
    topics: list[TopicView]
    workers: Annotated[int, Field(description="Workers that gave a sign of life lately.")]
    workers_without_hints: Annotated[
        int, Field(description="How many of them claim straight from the database, because Valkey is away.")
    ]


class TaskView(View):
    id: UUID
    topic: str
    lane: Lane
    arguments: Mapping[str, str | int]
    attempts: int
    last_error: Annotated[str | None, Field(description="The class of the last error; never what it said.")]
    due_at: datetime
    promised_at: datetime
    ended_at: datetime | None
    lease_until: datetime | None
    paused: Annotated[bool, Field(description="Whether staff hold its topic back.")]


class TasksView(View):
    tasks: list[TaskView]
    next_cursor: Annotated[UUID | None, Field(description="Send it as `cursor` for the page after this.")]


class LineView(View):
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    act: str


class AlertView(View):
    id: UUID
    kind: str
    subject: Annotated[str, Field(description="The id of what it is about.")]
    raised_at: datetime
    resolved_at: datetime | None
    title: str
    remedy: Annotated[str, Field(description="What to do about it.")]


class AlertsView(View):
    alerts: list[AlertView]


class WholeTaskView(View):
    task: TaskView
    pushes: Annotated[int, Field(description="How often its hint was sent again.")]
    alerts: list[AlertView]
    acts: Annotated[list[LineView], Field(description="What staff did with it, the latest first.")]


class ActedView(View):
    count: Annotated[int, Field(description="How many tasks it was done with.")]


def queue_view(depths: list[Depth], workers: tuple[int, int]) -> QueueView:
    topics = [TopicView.model_validate(depth) for depth in depths]
    return QueueView(topics=topics, workers=workers[0], workers_without_hints=workers[1])


def alert_view(alert: Alert) -> AlertView:
    remedy = remedy_of(alert.kind)
    return AlertView(
        id=alert.id,
        kind=alert.kind,
        subject=alert.subject,
        raised_at=alert.raised_at,
        resolved_at=alert.resolved_at,
        title=remedy.title,
        remedy=remedy.words,
    )


def whole_view(whole: Whole) -> WholeTaskView:
    return WholeTaskView(
        task=TaskView.model_validate(whole.task),
        pushes=whole.pushes,
        alerts=[alert_view(alert) for alert in whole.alerts],
        acts=[LineView.model_validate(line) for line in whole.lines],
    )
