"""Answer what staff asked about one product, and paid for when they asked."""

from kalecart import tasks
from kalecart.analytics import reads_habits, store_releases
from kalecart.analytics.answer_question import Counted, answer_question
from kalecart.analytics.question import Question
from kalecart.clock import Clock
from kalecart.database import Database


async def answer_share(key: str, held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """`key` names the release. Doing it again changes nothing."""
    async with db.snapshot() as tx:
        question = await store_releases.question(tx, key)
    # It was written in the transaction that promised this; after a restore it may be taken back.
    if question is not None:
        await _answer(question, db=db, clock=clock)
    async with db.transaction() as tx:
        await tasks.finish(tx, held, now=clock.now())


async def _answer(question: Question, *, db: Database, clock: Clock) -> None:
    sku = question.about["sku"]
    counted = Counted(keys=[(sku,)], each_max=1, count=lambda tx: reads_habits.bought(tx, question.quarter, sku))
    await answer_question(question, counted, db=db, clock=clock)
