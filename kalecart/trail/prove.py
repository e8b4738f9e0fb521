"""The daily control of the audit trail: the whole chain is walked, and the run is kept (C8)."""

from pathlib import Path
from typing import Final

import structlog

from kalecart import alerts, tasks
from kalecart.clock import Clock
from kalecart.controls import record_control
from kalecart.database import Database
from kalecart.trail.verify import Report, verify

CONTROL: Final = "audit_trail"
BROKEN: Final = "trail_broken"

log = structlog.get_logger()


async def prove_trail(held: tasks.Held | None, *, db: Database, clock: Clock, anchor_file: Path | None) -> Report:
    """An alert names the first broken row, and stays open until a walk finds none."""
    report = await verify(db=db, clock=clock, anchor_file=anchor_file)
    async with db.transaction() as tx:
        now = clock.now()
        await record_control(tx, CONTROL, passed=report.well, detail=_detail(report), now=now)
        if report.faults:
            first = report.faults[0]
            await alerts.raise_only(tx, BROKEN, f"{first.kind}:{first.entry_id or first.sequence}", now=now)
            log.error("trail_broken", kind=str(first.kind), sequence=first.sequence)
        else:
            await alerts.close_kinds(tx, [BROKEN], now=now)
        await tasks.finish(tx, held, now=now)
    return report


def _detail(report: Report) -> str:
    if report.faults:
        return f"Broken: {report.faults[0].sentence}."
    waiting = f"{report.unsealed.count} lines wait for their seal" + (" for too long" if report.overdue else "")
    marks = f"held against {report.anchored} marks" if report.anchored else "no marks outside the database"
    return f"{report.head.sequence} rows walked, {marks}; {waiting}."
