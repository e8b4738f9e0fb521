"""Tell customers ahead that a card of theirs expires, so that they can keep it right (C7)."""

from typing import Final

from kalecart import tasks
from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.jobs import MailKind, SendMail
from kalecart.payments import store_methods
from kalecart.payments.method import EXPIRY_TOLD_AHEAD

BATCH_MAX: Final = 200


async def tell_expiring(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Each card once, its message promised together with the mark that it was told; returns how many."""
    now, told = clock.now(), 0
    until = shop_date(now) + EXPIRY_TOLD_AHEAD
    while True:
        async with db.transaction() as tx:
            found = await store_methods.take_expiring(tx, until=until, most=BATCH_MAX, now=now)
            for method_id, last_day in found:
                # As the card itself says it: a card that was renewed meanwhile says another month.
                mail = SendMail(kind=MailKind.CARD_EXPIRING, subject=method_id, occasion=f"{last_day:%m/%Y}")
                await tasks.promise(tx, mail, now=now, hinted=False)
            if not found:
                await tasks.finish(tx, held, now=now)
                return told
        told += len(found)
