"""When each control last ran and what it found (C8): evidence that a promise is looked after.

A control is something that proves a safeguard by trying it: a restore drill, a proof of the audit trail, a review.
Runs are only ever added; the page of promises shows the last ones and turns red where one is overdue or failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from kalecart.database import Tx
from kalecart.ids import new_id
from kalecart.tables import metadata

control_run: Final = sa.Table(
    "control_run",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("control", sa.Text, nullable=False),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("ix_control_run_last", "control", sa.text("ran_at DESC")),
)


@dataclass(frozen=True, kw_only=True)
class ControlRun:
    """One run. `detail` is a sentence with figures and never a person."""

    control: str
    ran_at: datetime
    passed: bool
    detail: str


async def record_control(tx: Tx, control: str, *, passed: bool, detail: str, now: datetime) -> None:
    """`control` is a code such as `restore_drill`."""
    row = {"id": new_id(), "control": control, "ran_at": now, "passed": passed, "detail": detail}
    await tx.execute(sa.insert(control_run).values(**row))


async def record_sometimes(
    tx: Tx, control: str, *, passed: bool, detail: str, now: datetime, every: timedelta = timedelta(minutes=30)
) -> None:
    """For a control that runs every few minutes: what it finds is kept when it is news, and otherwise now and then."""
    last = await runs_of(tx, control, limit=1)
    if not last or last[0].passed is not passed or last[0].ran_at <= now - every:
        await record_control(tx, control, passed=passed, detail=detail, now=now)


async def last_runs(tx: Tx) -> Mapping[str, ControlRun]:
    """The latest run of every control that ever ran, by its code."""
    latest = sa.select(control_run).ext(distinct_on(control_run.c.control))
    rows = await tx.execute(latest.order_by(control_run.c.control, control_run.c.ran_at.desc()))
    return {row.control: _run(row) for row in rows}


async def runs_of(tx: Tx, control: str, *, limit: int) -> Sequence[ControlRun]:
    """The latest first."""
    of_it = sa.select(control_run).where(control_run.c.control == control)
    return [_run(row) for row in await tx.execute(of_it.order_by(control_run.c.ran_at.desc()).limit(limit))]


def _run(row: sa.Row) -> ControlRun:
    return ControlRun(control=row.control, ran_at=row.ran_at, passed=row.passed, detail=row.detail)
