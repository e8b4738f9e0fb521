"""Tell whoever works here that their training ends, and look whether a pause is one (C8, C9).

Nothing becomes true here: a training has lapsed by its instant, noticed or not.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kalecart import controls, tasks
from kalecart.alerts import keep_alerts
from kalecart.clock import Clock, shop_date
from kalecart.database import Database, Tx
from kalecart.jobs import MailKind, SendMail
from kalecart.staff import reads_training as reads
from kalecart.staff.reads_training import Standing

ALERT: Final = "training_lapsed"
TRAINED, PAUSED = "training", "access_paused"
LOOKS_BACK: Final = timedelta(days=1)


async def watch_training(held: tasks.Held | None, *, db: Database, clock: Clock) -> int:
    """Returns how many letters are promised. Run late, twice or by two at once it comes to the same."""
    async with db.transaction() as tx:
        now = clock.now()
        found = await reads.standings(tx)
        letters = [letter for each in found if (letter := _letter(each, now=now))]
        await tasks.promise_each(tx, letters, now=now)
        await _look(tx, found, now=now)
        await tasks.finish(tx, held, now=now)
    return len(letters)


def _letter(standing: Standing, *, now: datetime) -> SendMail | None:
    """By its last day and how near that is: a training that was written down meanwhile has letters of its own."""
    days, ends_at = standing.trained.letter(now), standing.trained.ends_at
    if days is None or ends_at is None:
        return None
    occasion = f"{shop_date(ends_at)}:{days}"
    if occasion in standing.told:
        return None
    return SendMail(kind=MailKind.TRAINING_DUE, subject=standing.staff_id, occasion=occasion)


async def _look(tx: Tx, found: Sequence[Standing], *, now: datetime) -> None:
    lapsed = {str(each.staff_id) for each in found if each.trained.lapsed(now)}
    await keep_alerts(tx, ALERT, lapsed, now=now)
    detail = f"{len(lapsed)} who work here without a training that counts"
    await controls.record_sometimes(tx, TRAINED, passed=not lapsed, detail=detail, now=now)
    seen = await reads.seen_while_paused(tx, since=now - LOOKS_BACK)
    detail = f"{seen} looks at somebody's details while access was paused"
    await controls.record_sometimes(tx, PAUSED, passed=not seen, detail=detail, now=now)
