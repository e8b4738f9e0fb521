"""Notice requests whose deadline nears, each stage once, and let go of packages and codes whose time is over.

Nothing becomes true here: a request is late by its deadline, noticed or not.
"""

from datetime import datetime, timedelta
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.deadline import Stage, stages_reached
from kalecart.jobs import MailKind, SendMail
from kalecart.privacy import reads, store
from kalecart.privacy.request import INCOMPLETE, Channel, Request, State
from kalecart.staff.reads import who_may

# Whoever asked on the page and has not shown in this time who they are was answered there and then: what kinds of data
# are kept, and nothing of anybody (E53). Otherwise a stranger could fill the board and make its deadlines ring.
UNPROVED_AFTER: Final = timedelta(days=14)
# A source that is away this long is somebody's to look at.
INCOMPLETE_FOR: Final = timedelta(days=1)
# Alerts from then on; before, a letter is enough.
ALERT_FROM: Final = (Stage.DAY_25, Stage.DAY_28, Stage.DAY_30, Stage.BREACH)


async def watch_requests(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """One look at everything that is open; run late or twice it comes to the same."""
    now = clock.now()
    async with db.transaction() as tx:
        for request in await reads.open_requests(tx):
            if not await _let_go(tx, request, now=now):
                await _notice(tx, request, now=now)
        for request_id in await reads.incomplete_since(tx, now - INCOMPLETE_FOR, now=now):
            await tasks.raise_alert(tx, INCOMPLETE, str(request_id), now=now)
        await store.empty_codes(tx, now=now)
        over = await store.empty_packages(tx, now=now)
        await store.drop_links(tx, over)
        await store.drop_keys(tx, over)
        await tasks.finish(tx, held, now=now)


async def _let_go(tx: Tx, seen: Request, *, now: datetime) -> bool:
    """Close what nobody proved to be theirs; they may ask again at any time."""
    if seen.channel is not Channel.WEB or now < seen.received_at + UNPROVED_AFTER:
        return False
    request = await store.find(tx, seen.id, lock=True)
    if request is None or request.state is not State.UNVERIFIED:
        return False
    await store.move(tx, request, State.ANSWERED, now=now, proof="none", code_sealed=None, code_until=None)
    await audit.record(tx, "request_unproved", by=audit.SHOP, subject=("privacy_request", request.id), now=now)
    return True


async def _notice(tx: Tx, request: Request, *, now: datetime) -> None:
    """After an outage several stages may be new: all are noted, and the last is told."""
    new = [stage for stage in stages_reached(request.due_at, now) if await store.notice(tx, request.id, stage, now=now)]
    if not new:
        return
    stage = new[-1]
    if stage in ALERT_FROM:
        kind = "request_late" if stage is Stage.BREACH else "request_due"
        await tasks.raise_alert(tx, kind, str(request.id), now=now)
    for staff_id in await who_may(tx, "requests:act", now):
        letter = SendMail(kind=MailKind.REQUEST_DUE, subject=staff_id, occasion=f"{request.id}:{stage}")
        await tasks.promise(tx, letter, now=now, hinted=False)
    detail = {"stage": str(stage)}
    subject = ("privacy_request", request.id)
    await audit.record(tx, "request_stage", by=audit.SHOP, subject=subject, now=now, detail=detail)
