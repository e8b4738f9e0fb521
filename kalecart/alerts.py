"""Alerts that the shop looks after by itself: those whose trouble it can see come and go."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.tasks import alert, raise_alert


async def open_alerts(pg: Pg, kind: str) -> Sequence[str]:
    """What open alerts of a kind are about."""
    rows = await pg.fetch("SELECT subject FROM alert WHERE kind = $1 AND resolved_at IS NULL", kind)
    return [row["subject"] for row in rows]


async def close_alerts(tx: Tx, kind: str, subjects: Sequence[str], *, now: datetime) -> None:
    """Resolve alerts whose trouble is over."""
    mine = (alert.c.kind == kind) & alert.c.subject.in_(subjects) & alert.c.resolved_at.is_(None)
    await tx.execute(sa.update(alert).where(mine).values(resolved_at=now))


async def raise_only(tx: Tx, kind: str, subject: str, *, now: datetime) -> None:
    """Raise an alert of a kind that is open once, whatever it is about."""
    open_one = sa.exists().where(alert.c.kind == kind, alert.c.resolved_at.is_(None))
    if not await tx.scalar(sa.select(open_one)):
        await raise_alert(tx, kind, subject, now=now)


async def close_kinds(tx: Tx, kinds: Sequence[str], *, now: datetime) -> None:
    """Resolve all alerts of these kinds."""
    mine = alert.c.kind.in_(kinds) & alert.c.resolved_at.is_(None)
    await tx.execute(sa.update(alert).where(mine).values(resolved_at=now))


async def keep_alerts(tx: Tx, kind: str, subjects: Collection[str], *, now: datetime) -> None:
    """Alerts of a kind about exactly these are open afterwards: of the others the trouble is over."""
    over = (alert.c.kind == kind) & alert.c.subject.not_in(list(subjects)) & alert.c.resolved_at.is_(None)
    await tx.execute(sa.update(alert).where(over).values(resolved_at=now))
    for subject in sorted(subjects):
        await raise_alert(tx, kind, subject, now=now)
