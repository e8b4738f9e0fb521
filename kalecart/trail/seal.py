"""Seal what was written: chain it in its order, and leave marks outside the database.

Not on anybody's way: a line is written by whoever acts and waits for its seal a few seconds. Schedulers seal, because
theirs is the one log-in that may move the head and writes no lines of its own.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import KaleCartError
from kalecart.trail import reads, store
from kalecart.trail.anchors import Anchor, add_anchor, last_anchor
from kalecart.trail.chain import extended

INTERVAL_S: Final = 2.0
BATCH_MAX: Final = 1_000
ANCHOR_EVERY: Final = timedelta(hours=1)

log = structlog.get_logger()


async def seal(*, db: Database, clock: Clock) -> int:
    """One round; returns how many lines were sealed: none where another process is sealing."""
    async with db.transaction() as tx:
        head = await store.lock_head(tx)
        if head is None:
            return 0
        links = []
        for entry in await store.unsealed(tx, head, most=BATCH_MAX, now=clock.now()):
            link, head = extended(head, entry)
            links.append(link)
        if links:
            await store.extend(tx, links, head)
    return len(links)


async def anchor(file: Path, *, db: Database, now: datetime, restored: bool = False) -> Anchor:
    """Leave a mark of where the chain ends now; `restored` after a backup was put back."""
    async with db.snapshot() as tx:
        mark = Anchor.of(await reads.head_of(tx), now=now, restored=restored)
    await asyncio.to_thread(add_anchor, file, mark)
    return mark


async def anchor_if_due(file: Path, *, db: Database, now: datetime) -> None:
    """A mark an hour, whoever of several leaves it."""
    last = await asyncio.to_thread(last_anchor, file)
    if last is None or now - last.at >= ANCHOR_EVERY:
        await _anchor_aloud(file, db=db, now=now)


async def _anchor_aloud(file: Path, *, db: Database, now: datetime) -> None:
    """In the log too, which often goes to another machine."""
    mark = await anchor(file, db=db, now=now)
    log.info("trail_anchored", sequence=mark.sequence, hash=mark.hash.hex())


async def seal_forever(*, db: Database, clock: Clock, anchor_file: Path | None) -> None:
    """Rounds without end. Whatever is away is waited for, and said once for each round missed."""
    while True:
        try:
            while await seal(db=db, clock=clock) == BATCH_MAX:
                pass
            if anchor_file is not None:
                await anchor_if_due(anchor_file, db=db, now=clock.now())
        except (KaleCartError, OSError) as error:
            log.warning("sealing_missed", error=type(error).__name__)
        await asyncio.sleep(INTERVAL_S)


async def last_seal(*, db: Database, clock: Clock, anchor_file: Path | None) -> None:
    """What a process does before it ends, so that no hour passes without its mark."""
    try:
        await seal(db=db, clock=clock)
        if anchor_file is not None:
            await _anchor_aloud(anchor_file, db=db, now=clock.now())
    except (KaleCartError, OSError) as error:
        log.warning("sealing_missed", error=type(error).__name__)
