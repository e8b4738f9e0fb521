"""Ask Stripe again what became of payments that stay open, and try again what was given up while it was away."""

from typing import Final

import structlog

from kalecart import given_up, tasks
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.jobs import KINDS, CheckPayment
from kalecart.payments import store_open as store
from kalecart.payments.gateway import Gateway

BATCH_MAX: Final = 200
# An outage of hours outlasts all tries of a task. Its order must not.
TOPICS: Final = tuple(kind.topic for kind in KINDS if kind.queue == "payments")
UNANSWERED: Final = ("Unavailable", "ServerError")

log = structlog.get_logger()


async def ask_again(slot: str, held: tasks.Held | None, *, db: Database, gateway: Gateway, clock: Clock) -> None:
    """Promise the questions that are due and revive what died unanswered, once Stripe has answered a first question.

    While it does not, nothing is promised: the next slot tries again in a minute, and no task dies of it.
    """
    async with db.direct() as pg:
        due = await store.due_to_ask(pg, most=BATCH_MAX, now=clock.now())
        dead = await given_up.any_given_up(pg, TOPICS, UNANSWERED)
    if (due or dead) and not await _answers(gateway):
        due, dead = [], False
    async with db.transaction() as tx:
        now = clock.now()
        for order_id in due:
            await tasks.promise(tx, CheckPayment(order_id=order_id, occasion=slot), now=now, hinted=False)
        if due:
            await store.note_asked(tx, due, now=now)
        revived = await given_up.revive(tx, TOPICS, UNANSWERED, most=BATCH_MAX, now=now) if dead else 0
        await given_up.close_answered(tx, now=now)
        await tasks.finish(tx, held, now=now)
    if revived:
        log.warning("tasks_revived", count=revived)


async def _answers(gateway: Gateway) -> bool:
    try:
        await gateway.answers()
    except Unavailable:
        return False
    return True
