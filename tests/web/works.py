"""What the workers would do meanwhile, for a shop whose pages are under test."""

from dataclasses import replace

import sqlalchemy as sa

from kalecart.ids import TaskId
from kalecart.jobs import JOBS
from kalecart.tasks import task
from tests.web.shop import Shop
from workers.broker import PERFORMERS
from workers.performing import perform_task


async def work(shop: Shop, rounds: int = 3) -> None:
    """Perform what is promised, and what that promises; workers run on the owner's role here."""
    worker = replace(shop.runtime, db=shop.db)
    for _ in range(rounds):
        async with shop.db.transaction() as tx:
            pending = sa.select(task.c.id, task.c.topic).where(
                task.c.state == "pending", task.c.due_at <= worker.clock.now()
            )
            rows = (await tx.execute(pending.order_by(task.c.promised_at, task.c.id))).all()
        for row in rows:
            await perform_task(TaskId(row.id), PERFORMERS[JOBS[row.topic]], worker)
