"""Actors of the queue `analytics`: what is counted and told of many people."""

from kalecart import tasks
from kalecart.analytics.answer_share import answer_share
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.release_quarter import release_quarter
from kalecart.jobs import AnswerShare, ReleaseQuarter
from kalecart.runtime import Runtime


async def release(job: ReleaseQuarter, held: tasks.Held, runtime: Runtime) -> None:
    await release_quarter(Quarter.parse(job.quarter), held, db=runtime.db, clock=runtime.clock)


async def answer(job: AnswerShare, held: tasks.Held, runtime: Runtime) -> None:
    await answer_share(job.question, held, db=runtime.db, clock=runtime.clock)
