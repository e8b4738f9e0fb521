"""Actors of the queue `analytics`: what is counted and told of many people, under a log-in that reads no identity."""

from kalecart import tasks
from kalecart.analytics.answer_share import answer_share
from kalecart.analytics.count_habits import count_habits
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.release_quarter import release_quarter
from kalecart.analytics.release_survey import release_survey
from kalecart.figures.make_export import make_export
from kalecart.jobs import AnswerShare, CountHabits, MakeExport, ReleaseQuarter, ReleaseSurvey
from kalecart.runtime import Ground


async def count(job: CountHabits, held: tasks.Held, ground: Ground) -> None:
    await count_habits(job.counted, held, db=ground.db, clock=ground.clock)


async def release(job: ReleaseQuarter, held: tasks.Held, ground: Ground) -> None:
    await release_quarter(Quarter.parse(job.quarter), held, db=ground.db, clock=ground.clock)


async def answer(job: AnswerShare, held: tasks.Held, ground: Ground) -> None:
    await answer_share(job.question, held, db=ground.db, clock=ground.clock)


async def write_file(job: MakeExport, held: tasks.Held, ground: Ground) -> None:
    await make_export(job.export_id, held, db=ground.db, clock=ground.clock)


async def release_answers(job: ReleaseSurvey, held: tasks.Held, ground: Ground) -> None:
    await release_survey(job.survey_id, held, db=ground.db, clock=ground.clock)
