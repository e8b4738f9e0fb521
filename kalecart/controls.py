"""When each control last ran and what it found (C8): evidence that a promise is looked after.

A control is something that proves a safeguard by trying it: a restore drill, a proof of the audit trail, a review.
Runs are only ever added; the page of promises shows the last ones and turns red where one is overdue or failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

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
    await tx.execute(_RECORD, _row(control, passed=passed, detail=detail, now=now))


def _row(control: str, *, passed: bool, detail: str, now: datetime) -> dict[str, Any]:
    return {"id": new_id(), "control": control, "ran_at": now, "passed": passed, "detail": detail}


async def record_sometimes(
    tx: Tx, control: str, *, passed: bool, detail: str, now: datetime, every: timedelta = timedelta(minutes=30)
) -> None:
    """For a control that runs every few minutes: what it finds is kept when it is news, and otherwise now and then."""
    await record_each_sometimes(tx, {control: (passed, detail)}, now=now, every=every)


async def record_each_sometimes(
    tx: Tx, found: Mapping[str, tuple[bool, str]], *, now: datetime, every: timedelta
) -> None:
    """The same for several that are looked at together: by control, whether it passed and the detail."""
    rows = await tx.execute(_LAST, {"controls": list(found)})
    last = {row.control: row for row in rows}
    news = [
        _row(control, passed=passed, detail=detail, now=now)
        for control, (passed, detail) in found.items()
        if control not in last or last[control].passed is not passed or last[control].ran_at <= now - every
    ]
    if news:
        await tx.execute(_RECORD, news)


_RECORD: Final = sa.insert(control_run)
# Each by its own look into the index: a control has thousands of runs, and the last is wanted.
_LAST: Final = sa.text("""
    SELECT last.control, last.passed, last.ran_at
      FROM unnest(:controls) AS wanted (control),
           LATERAL (SELECT * FROM control_run WHERE control_run.control = wanted.control
                     ORDER BY ran_at DESC LIMIT 1) AS last
""").bindparams(sa.bindparam("controls", type_=ARRAY(sa.Text)))


async def last_runs(tx: Tx) -> Mapping[str, ControlRun]:
    """The latest run of every control that ever ran, by its code."""
    return {row.control: _run(row) for row in await tx.execute(_LATEST)}


# From one name to the next in the index, and there to its last run: reading every run takes longer every day.
_LATEST: Final = sa.text("""
    WITH RECURSIVE named (control) AS (
        SELECT min(control) FROM control_run
         UNION ALL
        SELECT (SELECT min(control) FROM control_run WHERE control > named.control)
          FROM named WHERE named.control IS NOT NULL
    )
    SELECT last.id, last.control, last.ran_at, last.passed, last.detail
      FROM named,
           LATERAL (SELECT * FROM control_run WHERE control_run.control = named.control
                     ORDER BY ran_at DESC LIMIT 1) AS last
""").columns(*control_run.columns)


async def runs_of(tx: Tx, control: str, *, limit: int) -> Sequence[ControlRun]:
    """The latest first."""
    of_it = sa.select(control_run).where(control_run.c.control == control)
    return [_run(row) for row in await tx.execute(of_it.order_by(control_run.c.ran_at.desc()).limit(limit))]


def _run(row: sa.Row) -> ControlRun:
    return ControlRun(control=row.control, ran_at=row.ran_at, passed=row.passed, detail=row.detail)
