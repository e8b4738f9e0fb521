"""The policy as people read it: the one in force, and every earlier one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.policy.tables import policy_version
from kalecart.policy.versions import PolicyVersion

_v = policy_version.c
_COLUMNS: Final = sa.select(_v.version, _v.effective_on, _v.text)


async def current(tx: Tx, today: date) -> PolicyVersion:
    """The version in force on a day in the shop's zone."""
    rows = await tx.execute(_COLUMNS.where(_v.effective_on <= today).order_by(_v.effective_on.desc()).limit(1))
    return _found(rows.one_or_none(), "No policy is in force yet. Publish one first.")


async def version(tx: Tx, name: str) -> PolicyVersion:
    """A version by its name, in force or not."""
    rows = await tx.execute(_COLUMNS.where(_v.version == name))
    return _found(rows.one_or_none(), "There is no such version of the policy.")


async def published(tx: Tx) -> Sequence[PolicyVersion]:
    """All versions, the newest first."""
    return [_found(row, "") for row in await tx.execute(_COLUMNS.order_by(_v.effective_on.desc()))]


def _found(row: Any, otherwise: str) -> PolicyVersion:
    if row is None:
        raise NotFound(otherwise)
    return PolicyVersion(version=row.version, effective_on=row.effective_on, text=row.text)


async def first_published_at(tx: Tx) -> datetime | None:
    """When the shop began to promise anything; nothing reached it before."""
    return await tx.scalar(sa.select(sa.func.min(policy_version.c.published_at)))
