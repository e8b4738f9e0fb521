"""Look after the register of paper: what is to be shredded, and which cabinet nobody has the key of (C8).

Nothing becomes true here: a paper is due by its day. Somebody is told, the promise turns red where nobody acted, and
what was shredded leaves a stone outside the database.
"""

from datetime import datetime
from typing import Final

from kalecart import controls, tasks, tombstones
from kalecart.alerts import close_alerts, close_kinds, raise_only
from kalecart.clock import Clock, shop_date
from kalecart.database import Database, Tx
from kalecart.jobs import MailKind, SendMail
from kalecart.paper import reads, store
from kalecart.staff import reads as staff
from kalecart.staff.rights import Role

CONTROL: Final = "paper"
DUE: Final = "paper_due"
UNKEPT: Final = "cabinet_unkept"
STONES_MAX: Final = 500


async def watch_paper(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Run late, twice or by two at once it comes to the same: a letter goes out once a week at most."""
    async with db.transaction() as tx:
        now = clock.now()
        await _lay_stones(tx)
        found = await reads.trouble(tx, now=now)
        await _alert(tx, found, now=now)
        if found.wrong:
            await _write(tx, now=now)
        detail = (
            f"{found.due} papers to shred, {found.overdue} of them late, {len(found.unkept)} cabinets without a key"
        )
        await controls.record_sometimes(tx, CONTROL, passed=not found.wrong, detail=detail, now=now)
        await tasks.finish(tx, held, now=now)


async def _lay_stones(tx: Tx) -> None:
    """A stone for each paper that was shredded; and what a stone says of a paper that an older copy brought back."""
    for paper_id, shredded_at in await store.without_stone(tx, most=STONES_MAX):
        await tombstones.shred(tx, paper_id, now=shredded_at, scope="paper")
    await store.shredded_by_stone(tx)


async def _alert(tx: Tx, found: reads.Trouble, *, now: datetime) -> None:
    if found.due:
        await raise_only(tx, DUE, "register", now=now)
    else:
        await close_kinds(tx, [DUE], now=now)
    for cabinet_id in found.unkept:
        await tasks.raise_alert(tx, UNKEPT, str(cabinet_id), now=now)
    kept = [str(each.id) for each in await reads.cabinets(tx) if each.id not in found.unkept]
    await close_alerts(tx, UNKEPT, kept, now=now)


async def _write(tx: Tx, *, now: datetime) -> None:
    """To the managers, once a week."""
    year, week, _ = shop_date(now).isocalendar()
    managers = await staff.of_role(tx, Role.MANAGER)
    letters = [SendMail(kind=MailKind.PAPER_OVERDUE, subject=each, occasion=f"{year}-W{week:02}") for each in managers]
    await tasks.promise_each(tx, letters, now=now)
