"""Alerts that the shop looks after by itself: those whose trouble it can see come and go."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.database import Pg, Tx
from kalecart.tasks import alert, raise_alert, raise_alerts


async def open_alerts(pg: Pg, kind: str) -> Sequence[str]:
    """What open alerts of a kind are about."""
    rows = await pg.fetch("SELECT subject FROM alert WHERE kind = $1 AND resolved_at IS NULL", kind)
    return [row["subject"] for row in rows]


async def close_alerts(tx: Tx, kind: str, subjects: Sequence[str], *, now: datetime) -> None:
    """Resolve alerts whose trouble is over."""
    if subjects:
        await tx.execute(_CLOSE, {"kind": kind, "these": list(subjects), "now": now})


async def raise_only(tx: Tx, kind: str, subject: str, *, now: datetime) -> None:
    """Raise an alert of a kind that is open once, whatever it is about."""
    open_one = sa.exists().where(alert.c.kind == kind, alert.c.resolved_at.is_(None))
    if not await tx.scalar(sa.select(open_one)):
        await raise_alert(tx, kind, subject, now=now)


async def close_kinds(tx: Tx, kinds: Sequence[str], *, now: datetime) -> None:
    """Resolve all alerts of these kinds."""
    if kinds:
        await tx.execute(_CLOSE_KINDS, {"these": list(kinds), "now": now})


async def keep_alerts(tx: Tx, kind: str, subjects: Collection[str], *, now: datetime) -> None:
    """Alerts of a kind about exactly these are open afterwards: of the others the trouble is over."""
    await tx.execute(_CLOSE_OTHERS, {"kind": kind, "these": list(subjects), "now": now})
    await raise_alerts(tx, kind, sorted(subjects), now=now)


def _closing(which: str) -> Any:
    """Built once each: they are asked every few minutes, and as a rule there is nothing to close."""
    closing = sa.text(f"UPDATE alert SET resolved_at = :now WHERE resolved_at IS NULL AND {which}")  # noqa: S608  # ours
    moment, these = sa.bindparam("now", type_=sa.DateTime(timezone=True)), sa.bindparam("these", type_=ARRAY(sa.Text))
    return closing.bindparams(moment, these)


_CLOSE: Final = _closing("kind = :kind AND subject = ANY (:these)")
_CLOSE_OTHERS: Final = _closing("kind = :kind AND subject <> ALL (:these)")
_CLOSE_KINDS: Final = _closing("kind = ANY (:these)")
