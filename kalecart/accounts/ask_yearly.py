"""Once a year, ask customers whether their details are still right (C7)."""

from typing import Final

from kalecart import tasks
from kalecart.clock import Clock
from kalecart.customers import store
from kalecart.customers.correction import STILL_RIGHT_AFTER, CheckWhy
from kalecart.database import Database
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind

BATCH_MAX: Final = 200


async def ask_yearly(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Each once, the letter promised together with the question; returns how many."""
    now, asked = clock.now(), 0
    while True:
        async with db.transaction() as tx:
            found = await store.unconfirmed(tx, since=now - STILL_RIGHT_AFTER, most=BATCH_MAX)
            for customer_id in found:
                check_id = await store.raise_check(tx, customer_id, CheckWhy.YEARLY, now=now)
                if check_id is not None:
                    await tasks.promise(
                        tx, SendMail(kind=MailKind.STILL_RIGHT, subject=check_id), now=now, hinted=False
                    )
            if not found:
                await tasks.finish(tx, held, now=now)
                return asked
        asked += len(found)
