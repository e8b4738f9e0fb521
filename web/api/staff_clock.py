"""The timetable and the processes, for programs of staff."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from kalecart.clockwork import Beat, Run, Standing, look
from kalecart.policy import reads as policy
from web.api.operation import Operation, operation
from web.api.shapes import View, answer
from web.keys import RUNTIME


class RunView(View):
    job: str
    standing: Annotated[Standing, Field(description="Of the present slot. `due` has begun and is not late yet.")]
    slot: Annotated[str | None, Field(description="The last slot of time that was started.")]
    ran_at: datetime | None
    taken_by: Annotated[
        str | None, Field(description="The scheduler that was first, or `worker` or `web` that stood in for them.")
    ]
    next_at: datetime
    late_s: Annotated[float, Field(description="From the beginning of its slot until it was started, or until now.")]
    work: Annotated[str | None, Field(description="The state of the last slot's task; null where it is gone.")]
    took_s: Annotated[float | None, Field(description="From promise to end.")]
    attempts: int
    given_up: Annotated[int, Field(description="Tasks of this job that wait for a person.")]


class BeatView(View):
    name: str
    beat_at: datetime
    age_s: Annotated[float, Field(description="Negative where its clock runs ahead.")]
    ahead_s: Annotated[float, Field(description="How far its clock is before the web's; negative where it is behind.")]
    alive: Annotated[bool, Field(description="It gives signs of life, by a clock that may be believed.")]


class ClockView(View):
    jobs: list[RunView]
    processes: list[BeatView]


@operation(Operation(summary="Look at the timetable", who="staff", right="queue:read", ok=(200, ClockView)))
async def get_clock(request: web.Request) -> web.Response:
    runtime = request.app[RUNTIME]
    async with runtime.db.snapshot() as tx:
        since = await policy.first_published_at(tx)
    async with runtime.db.direct() as pg:
        seen = await look(pg, since=since, now=runtime.clock.now())
    return answer(ClockView(jobs=[_run(run) for run in seen.runs], processes=[_beat(beat) for beat in seen.beats]))


def _run(run: Run) -> RunView:
    return RunView(
        job=run.job,
        standing=run.standing,
        slot=run.slot,
        ran_at=run.ran_at,
        taken_by=run.taken_by,
        next_at=run.next_at,
        late_s=run.late.total_seconds(),
        work=run.work,
        took_s=run.took.total_seconds() if run.took is not None else None,
        attempts=run.attempts,
        given_up=run.given_up,
    )


def _beat(beat: Beat) -> BeatView:
    return BeatView(
        name=beat.name,
        beat_at=beat.beat_at,
        age_s=beat.age.total_seconds(),
        ahead_s=beat.ahead.total_seconds(),
        alive=beat.alive,
    )
